{#-
    The parts make the whole: for each row of `whole` that meets `whole_where`, the column summed over the rows with
    the same keys (that meet `part_where`) is `whole_column`. Points add up to the headline, stage visits to the journey.
-#}
{% test adds_up_to(model, column, keys, whole, whole_column, whole_where='1 = 1', part_where='1 = 1', tolerance=none) %}

with

parts as (

    select
        {{ keys | join(',\n        ') }},
        sum({{ column }}) as part_sum
    from {{ model }}
    where {{ part_where }}
    group by
        {{ keys | join(',\n        ') }}

),

wholes as (

    select
        {{ keys | join(',\n        ') }},
        {{ whole_column }} as whole_value
    from {{ whole }}
    where {{ whole_where }}

),

compared as (

    select
        wholes.*,
        coalesce(parts.part_sum, 0) as part_sum
    from wholes
    left join parts
        on
            {%- for key in keys %}
            {{ 'and ' if not loop.first }}wholes.{{ key }} = parts.{{ key }}
            {%- endfor %}

)

select
    *,
    cast(part_sum as varchar) || ' instead of ' || coalesce(cast(whole_value as varchar), '(empty)') || ': '
    || {{ named_values(keys) }} as issue
from compared
where
    whole_value is null
    or abs(part_sum - whole_value) > {{ tolerance if tolerance is not none else var('tolerance') }}

{% endtest %}
