{#-
    Over the rows of each group the column adds up to `total`: weights of a period to 1. With `or_nothing` a group
    may also add up to 0, as where no response weighs.
-#}
{% test sums_to(model, column, group_by, total, or_nothing=false) %}

select
    {{ group_by | join(',\n    ') }},
    sum({{ column }}) as actual,
    cast(sum({{ column }}) as varchar) || ' instead of {{ total }}: ' || {{ named_values(group_by) }} as issue
from {{ model }}
group by
    {{ group_by | join(',\n    ') }}
having
    (sum({{ column }}) is null or abs(sum({{ column }}) - {{ total }}) > {{ var('tolerance') }})
    {%- if or_nothing %}
    and coalesce(abs(sum({{ column }})), 0) > {{ var('tolerance') }}
    {%- endif %}

{% endtest %}
