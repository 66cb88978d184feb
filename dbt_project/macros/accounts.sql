{#-
    Id under which the records of an account are counted: the surviving account, or the landed id where that is
    unknown. The member `unknown` serves joins only: two unknown accounts stay two.
-#}
{% macro counted_account_id(merged, landed_account_id) -%}
    coalesce(nullif({{ merged }}.surviving_account_id, 'unknown'), {{ landed_account_id }})
{%- endmacro %}

{#- Whether a half-open spell with an open end (null) holds a day. -#}
{% macro holds_day(spell, day) -%}
    {{ spell }}.valid_from <= {{ day }} and ({{ spell }}.valid_to is null or {{ day }} < {{ spell }}.valid_to)
{%- endmacro %}
