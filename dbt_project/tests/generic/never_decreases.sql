{#- In each row the columns, where they are not empty, never fall from one to the next: RR1, RR3, RR5. -#}
{% test never_decreases(model, columns) %}

select
    *,
    'falls from one to the next: ' || {{ named_values(columns) }} as issue
from {{ model }}
where
    {% for column in columns[1:] -%}
    {% set later = column -%}
    {%- set before = columns[:loop.index] -%}
    {%- for earlier in before %}
    {{ 'or ' if not (loop.first and later == columns[1]) }}{{ earlier }} > {{ later }} + {{ var('tolerance') }}
    {%- endfor %}
    {% endfor %}

{% endtest %}
