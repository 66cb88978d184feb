{#- A row holds for some time: its end, which is no longer part of it, comes after its beginning, or is open. -#}
{% test spells_have_length(model, columns, starts, ends, place=none) %}

select
    *,
    '{{ place ~ ": " if place }}{{ ends }} is not after {{ starts }}: ' || {{ named_values(columns + [starts, ends]) }} as issue
from {{ model }}
where {{ ends }} <= {{ starts }}

{% endtest %}
