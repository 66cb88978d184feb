{#-
    Accounts with their value in the reporting currency, as `reporting_value` and `reporting_currency`, and the currency
    that value is in as landed, as `value_currency`: the reporting one where it is empty. It is weighed at the rate valid on `day`. Where all
    clients with a value have one currency no rate is needed; else no rate is no value, and a test fails.

    accounts    a CTE with currency, annual_value and is_valued_client: whether it is a client whose value is compared
    day         the day of the rate
    partitions  columns of the accounts that are compared with each other, none for all
-#}
{% macro in_reporting_currency(accounts, day, partitions=[]) -%}
{%- set together = 'partition by ' ~ partitions | join(', ') if partitions else '' -%}
    select
        *,
        annual_value * coalesce(
            rate,
            case
                when
                    lowest_currency is not distinct from highest_currency
                    and coalesce(value_currency, lowest_currency) is not distinct from lowest_currency
                    then 1
            end
        ) as reporting_value,
        coalesce(
            rated_currency, case when lowest_currency = highest_currency then lowest_currency end
        ) as reporting_currency
    from (
        select
            *,
            min(case when is_valued_client then value_currency end) over ({{ together }}) as lowest_currency,
            max(case when is_valued_client then value_currency end) over ({{ together }}) as highest_currency
        from (
            select
                valued.*,
                rates.rate
            from (
                select
                    accounts.*,
                    reporting.currency as rated_currency,
                    coalesce(accounts.currency, reporting.currency) as value_currency
                from {{ accounts }} as accounts
                cross join (
                    select min(currency) as currency
                    from {{ ref('stg_programme__currency_rates') }}
                    where is_reporting
                ) as reporting
            ) as valued
            left join {{ ref('stg_programme__currency_rates') }} as rates
                on
                    valued.value_currency = rates.currency
                    and {{ holds_day('rates', day) }}
        ) as rated
    ) as compared
{%- endmacro %}
