/*
Grain    one row per account, currency and day on which its open amounts are aged
Measure  the ends of the months since its first invoice, and the day of the clock in the account's time zone
Nulls    known_at is null for the end of a day; on the last day it is the clock
*/
with

invoices as (

    select * from {{ ref('int_invoices__settlements') }}

),

dates as (

    select * from {{ ref('int_programme__dates') }}

),

ledgers as (

    select
        account_id,
        currency,
        min(issued_on) as first_issued_on,
        max(today) as today,
        max(as_of) as as_of
    from invoices
    group by
        account_id,
        currency

)

select
    ledgers.account_id,
    ledgers.currency,
    dates.day as on_day,
    cast(null as {{ type_instant() }}) as known_at,
    false as is_current
from ledgers
inner join dates on ledgers.first_issued_on <= dates.day and ledgers.today > dates.day
where extract(day from {{ add_days('dates.day', 1) }}) = 1

union all

select
    account_id,
    currency,
    today as on_day,
    as_of as known_at,
    true as is_current
from ledgers
