{#-
    Id under which the records of an account are counted: the surviving account, or the landed id where that is
    unknown. The member `unknown` serves joins only: two unknown accounts stay two.
-#}
{% macro counted_account_id(merged, landed_account_id) -%}
    coalesce(nullif({{ merged }}.surviving_account_id, 'unknown'), {{ landed_account_id }})
{%- endmacro %}

{#- The same for a contact: the surviving one, or the landed key where that is unknown; null where nobody is named. -#}
{% macro counted_contact_key(merged, landed_contact_key) -%}
    coalesce(nullif({{ merged }}.surviving_contact_key, 'unknown'), {{ landed_contact_key }})
{%- endmacro %}

{#- Whether a contact landed and was not deleted, after merges. -#}
{% macro is_contact_known(merged) -%}
    coalesce({{ merged }}.surviving_contact_key, 'unknown') <> 'unknown'
{%- endmacro %}

{#- First day of all, where a spell has no beginning. -#}
{% macro beginning_of_time() -%} date '0001-01-01' {%- endmacro %}

{#- Last day of all: what stands for the open end of a spell where two ends are compared. -#}
{% macro end_of_time() -%} date '9999-12-31' {%- endmacro %}

{#-
    Whether a half-open spell with an open end (null) holds a day. Two plain comparisons, so that an outer join can
    hash on its keys: with an `or` in it, every row would meet every spell.
-#}
{% macro holds_day(spell, day) -%}
    {{ spell }}.valid_from <= {{ day }} and {{ day }} < coalesce({{ spell }}.valid_to, {{ end_of_time() }})
{%- endmacro %}

{#- Whether an account is or was a client: no prospect, and nobody else (a partner, a supplier); an empty status is. -#}
{% macro is_client(accounts) -%}
    coalesce({{ accounts }}.status, 'active') not in ('prospect', 'other')
{%- endmacro %}

{#- Whether an account is in the frame of a period: a client on some day of it. -#}
{% macro in_frame(accounts, periods) -%}
    {{ is_client(accounts) }}
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
