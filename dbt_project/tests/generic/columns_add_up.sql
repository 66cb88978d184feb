{#- In each row in which they are shown, the columns add up to `total`: promoters, passives and detractors to 1. -#}
{% test columns_add_up(model, columns, total) %}

select
    *,
    'not {{ total }} together: ' || {{ named_values(columns) }} as issue
from {{ model }}
where abs({{ columns | join(' + ') }} - {{ total }}) > {{ var('tolerance') }}

{% endtest %}
