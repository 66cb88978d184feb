{#- Each column is empty or between `min` and `max`, give or take the rounding of doubles. -#}
{% test within_range(model, columns, min, max) %}

select
    *,
    'not between {{ min }} and {{ max }}: ' || {{ named_values(columns) }} as issue
from {{ model }}
where
    {% for column in columns -%}
    {{ 'or ' if not loop.first }}{{ column }} < {{ min }} - {{ var('tolerance') }}
    or {{ column }} > {{ max }} + {{ var('tolerance') }}
    {% endfor %}

{% endtest %}
