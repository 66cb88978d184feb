{#-
    Text that names a row by the values of some columns: what a failing test prints. Tests return a column `issue`
    that a reader can act on without opening the warehouse.
-#}
{% macro named_values(columns) -%}
    {%- for column in columns -%}
    '{{ column }} ' || coalesce(cast({{ column }} as varchar), '(empty)')
    {%- if not loop.last %} || ', ' || {% endif -%}
    {%- endfor -%}
{%- endmacro %}
