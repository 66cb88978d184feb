{#- The weightings of a response, one row each. -#}
{% macro all_weightings() -%}
    {%- for weighting in ('value', 'account', 'none') -%}
    select '{{ weighting }}' as weighting
    {%- if not loop.last %}

    union all

    {% endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- The column that holds what `column` is under the weighting of the row: value_weight where that is `value`. -#}
{% macro of_weighting(relation, column, of='weightings') -%}
    case {{ of }}.weighting
        {%- for weighting in ('value', 'account', 'none') %}
        when '{{ weighting }}' then {{ relation }}.{{ weighting }}_{{ column }}
        {%- endfor %}
    end
{%- endmacro %}
