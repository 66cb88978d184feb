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
