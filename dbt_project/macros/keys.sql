{#- Surrogate key of several text columns: each part carries its length, so no two different lists collide. -#}
{% macro surrogate_key(columns) -%}
    md5(
        {%- for column in columns %}
        coalesce(cast(length({{ column }}) as varchar) || ':' || {{ column }}, '-')
        {%- if not loop.last %} || {% endif %}
        {%- endfor %}
    )
{%- endmacro %}

{#- Rank of a landed version among those of its record: 1 is the one that wins. Versions that differ at one instant have
    a hash; it is null only for those that are alone with theirs, or copies of each other. -#}
{% macro version_rank(keys) -%}
    row_number() over (
        partition by {{ keys | join(', ') }}
        order by updated_at desc, _record_hash desc
    )
{%- endmacro %}

{#- Sum of doubles in fixed point: the same result whatever the order of the rows, on any number of threads. -#}
{% macro stable_sum(expression) -%}
    cast({{ exact_sum(expression) }} as {{ type_double() }})
{%- endmacro %}

{#- The same before it is a double again: sums of the same terms cancel to exactly 0. -#}
{% macro exact_sum(expression) -%}
    coalesce(sum(cast({{ expression }} as {{ type_exact() }})), 0)
{%- endmacro %}
