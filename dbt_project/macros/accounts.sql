{#-
    Id under which the records of an account are counted: the surviving account, or the landed id where that is
    unknown. The member `unknown` serves joins only: two unknown accounts stay two.
-#}
{% macro counted_account_id(merged, landed_account_id) -%}
    coalesce(nullif({{ merged }}.surviving_account_id, 'unknown'), {{ landed_account_id }})
{%- endmacro %}

{#- Last day of all: what stands for the open end of a spell where two ends are compared. -#}
{% macro end_of_time() -%} date '9999-12-31' {%- endmacro %}

{#-
    Whether a half-open spell with an open end (null) holds a day. Two plain comparisons, so that an outer join can
    hash on its keys: with an `or` in it, every row would meet every spell.
-#}
{% macro holds_day(spell, day) -%}
    {{ spell }}.valid_from <= {{ day }} and {{ day }} < coalesce({{ spell }}.valid_to, {{ end_of_time() }})
{%- endmacro %}

{#- Whether an account is in the frame of a period: no prospect, and a client on some day of it. -#}
{% macro in_frame(accounts, periods) -%}
    coalesce({{ accounts }}.status, 'active') <> 'prospect'
        and ({{ accounts }}.customer_since is null or {{ periods }}.period_end > {{ accounts }}.customer_since)
        and ({{ accounts }}.churned_on is null or {{ periods }}.period_start < {{ accounts }}.churned_on)
{%- endmacro %}

{#- Years as a customer on a day. -#}
{% macro tenure_years(customer_since, day) -%}
    {{ days_between(customer_since, day) }} / 365.25
{%- endmacro %}

{#-
    The team that owns a touchpoint (an expression) for the account of a record on a day: `owners.team_id`, and its
    absence where nobody does. Records have account_type and region.
-#}
{% macro join_owners(touchpoint, records, day) -%}
left join {{ ref('int_programme__owners') }} as owners
    on
        {{ touchpoint }} = owners.touchpoint
        and {{ records }}.account_type = owners.account_type
        and {{ records }}.region = owners.region
        and {{ holds_day('owners', day) }}
{%- endmacro %}
