{#- Within every split the groups add up to the row of the split `total` with the same keys. -#}
{% test sums_to_total(model, column, keys, split) %}

with

sums as (

    select
        {{ keys | join(',\n        ') }},
        {{ split }} as split,
        sum({{ column }}) as split_sum
    from {{ model }}
    group by
        {{ keys | join(',\n        ') }},
        {{ split }}

)

select
    sums.*,
    totals.split_sum as total,
    cast(sums.split_sum as varchar) || ' instead of ' || coalesce(cast(totals.split_sum as varchar), '(no total)')
    || ' in split ' || sums.split || ': ' || {{ named_values(keys) | replace('cast(', 'cast(sums.') }} as issue
from sums
left join sums as totals
    on
        totals.split = 'total'
        {%- for key in keys %}
        and sums.{{ key }} = totals.{{ key }}
        {%- endfor %}
where totals.split_sum is null or abs(sums.split_sum - totals.split_sum) > {{ var('tolerance') }}

{% endtest %}
