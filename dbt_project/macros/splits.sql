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

{#- Splits by what an account is, and the columns that hold their groups. -#}
{% macro account_splits() -%}
    {{ return({'account': 'account_id', 'segment': 'segment', 'account_type': 'account_type', 'region': 'region'}) }}
{%- endmacro %}

{#- Splits by what the interactions of a response are about. A response may be shared between their groups. -#}
{% macro interaction_splits() -%}
    {{ return(['product', 'bundle', 'journey', 'stage', 'touchpoint']) }}
{%- endmacro %}
