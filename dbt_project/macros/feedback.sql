{#- Steps of the clock that starts with a client's answer, in their order; each has an instant, `<step>_at`. -#}
{% macro feedback_steps() -%}
    {{ return(['loaded', 'served', 'delivered', 'acknowledged', 'closed']) }}
{%- endmacro %}
