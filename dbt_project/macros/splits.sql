{#-
    Rows of `relation` added up by period, keys and, one after the other, by each of its columns in `splits`: columns
    `split` and `group_id`. `total` is one of the splits if the relation has a column of that name. Days are added up
    first, so that a day's rows meet its periods once.

    day      column with the UTC day that places a row in its periods
    periods  relation with period_key, period_start and period_end
-#}
{% macro sums_by_period_and_split(relation, day, periods, keys, splits, sums) -%}
    select
        {{ keys | join(', ') }},
        periods.period_key,
        days.split,
        days.group_id
        {%- for column in sums %},
        cast(sum(days.{{ column }}) as bigint) as {{ column }}
        {%- endfor %}
    from (
        {%- for split in splits %}
        select
            {{ keys | join(', ') }},
            {{ day }},
            '{{ split }}' as split,
            {{ split }} as group_id
            {%- for column in sums %},
            sum({{ column }}) as {{ column }}
            {%- endfor %}
        from {{ relation }}
        group by {{ keys | join(', ') }}, {{ day }}, {{ split }}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as days
    inner join {{ periods }} as periods
        on days.{{ day }} >= periods.period_start and days.{{ day }} < periods.period_end
    group by {{ keys | join(', ') }}, periods.period_key, days.split, days.group_id
{%- endmacro %}

{#- Condition of a join on columns of the same name. -#}
{% macro same(left, right, keys) -%}
    {%- for key in keys -%}
    {{ left }}.{{ key }} = {{ right }}.{{ key }}
    {%- if not loop.last %} and {% endif -%}
    {%- endfor -%}
{%- endmacro %}

{#-
    One row a group of every split in one pass: `splits` has the column that holds the groups of each, which is never
    empty; the split `total` comes with them. `group_columns` names a row, `group_sets` is its `group by`, after the
    columns in `keys`.
-#}
{% macro group_columns(splits) -%}
    case
            {%- for split, column in splits.items() %}
            when grouping({{ column }}) = 0 then '{{ split }}'
            {%- endfor %}
            else 'total'
        end as split,
        coalesce({{ splits.values() | join(', ') }}, 'total') as group_id
{%- endmacro %}

{% macro group_sets(keys, splits) -%}
    group by grouping sets (
        ({{ keys | join(', ') }})
        {%- for column in splits.values() %},
        ({{ keys | join(', ') }}, {{ column }})
        {%- endfor %}
    )
{%- endmacro %}

{#-
    The dictionary of splits: how the rows of a mart may be grouped. What follows reads it, from the groups of an account
    to the values that a mart accepts.
-#}
{% macro splits_of(mart) -%}
    {%- set answered = ['total', 'account'] + account_attributes() + ['role', 'role_group', 'channel'] -%}
    {{ return({
        'rpt_nps': answered + interaction_splits(),
        'rpt_metric_score': answered,
        'rpt_measure_score': answered,
        'rpt_nps_change': ['total', 'role', 'segment', 'team'],
        'rpt_response_rate': ['total', 'channel', 'role'] + account_attributes(),
        'rpt_journey_stage': ['total'] + account_attributes(),
    }[mart]) }}
{%- endmacro %}

{#- What an account is: columns of it, each a split. -#}
{% macro account_attributes() -%}
    {{ return(['segment', 'account_type', 'region']) }}
{%- endmacro %}

{#- The same in a select: of `relation`, and `unknown` for an account that is not there. -#}
{% macro account_attributes_of(relation) -%}
    {%- for column in account_attributes() %}
    coalesce({{ relation }}.{{ column }}, 'unknown') as {{ column }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{#- Splits of an account, and the columns that hold their groups. -#}
{% macro account_splits() -%}
    {{ return(dict(columns_of(account_attributes()), account='account_id')) }}
{%- endmacro %}

{#- Splits whose groups lie in the columns of the same name. -#}
{% macro columns_of(splits) -%}
    {{ return(dict(zip(splits, splits))) }}
{%- endmacro %}

{#- Splits by what the interactions of a response are about. A response may be shared between their groups. -#}
{% macro interaction_splits() -%}
    {{ return(['product', 'bundle', 'journey', 'stage', 'touchpoint']) }}
{%- endmacro %}
