{{ config(materialized='table') }}
/*
Grain    one row per period and account in the frame
Measure  the clients there were in the period; annual_value is never negative
Nulls    none: no value is a value of 0
*/
with

accounts as (

    select * from {{ ref('int_accounts__current') }}

),

periods as (

    select * from {{ ref('int_periods__listed') }}

)

select
    periods.period_key,
    accounts.account_id,
    accounts.{{ account_attributes() | join(',\n    accounts.') }},
    greatest(coalesce(accounts.annual_value, 0), 0) as annual_value
from periods
inner join accounts
    on
        {{ in_frame('accounts', 'periods') }}
