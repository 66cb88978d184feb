{{ config(materialized='table') }}
/*
Grain    one row per period and account in the frame
Measure  the clients there were in the period; annual_value: in the reporting currency, at the rate valid on the
         period's last day, never negative
Nulls    no value is a value of 0; null where several currencies are compared and the account's has no rate, which a
         test names
*/
with

accounts as (

    select * from {{ ref('int_accounts__current') }}

),

periods as (

    select * from {{ ref('int_periods__listed') }}

),

framed as (

    select
        periods.period_key,
        accounts.account_id,
        accounts.{{ account_attributes() | join(',\n        accounts.') }},
        accounts.currency,
        accounts.annual_value,
        {{ add_days('periods.period_end', -1) }} as last_day,
        accounts.annual_value > 0 as is_valued_client
    from periods
    inner join accounts
        on
            {{ in_frame('accounts', 'periods') }}

),

valued as (

    {{ in_reporting_currency('framed', 'valued.last_day', ['period_key']) }}

)

select
    period_key,
    account_id,
    {{ account_attributes() | join(',\n    ') }},
    cast(case when is_valued_client then reporting_value else 0 end as decimal(38, 10)) as annual_value
from valued
