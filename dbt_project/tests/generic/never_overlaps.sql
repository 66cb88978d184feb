{#- Of the rows with the same keys none begins before the one before it has ended; an empty end is open. -#}
{% test never_overlaps(model, keys, starts, ends) %}

with

spells as (

    select
        {{ keys | join(',\n        ') }},
        {{ starts }},
        {{ ends }},
        lead({{ starts }}) over (
            partition by {{ keys | join(', ') }}
            order by {{ starts }}, {{ ends }} nulls last
        ) as next_starts
    from {{ model }}

)

select
    *,
    {{ named_values(keys + [starts, ends]) }} || ' overlaps the next from ' || cast(next_starts as varchar) as issue
from spells
where
    next_starts is not null
    and ({{ ends }} is null or {{ ends }} > next_starts)

{% endtest %}
