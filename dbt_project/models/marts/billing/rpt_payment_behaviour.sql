/*
Grain    one row per account, currency and day: the end of each month since the first invoice, and the clock's day
Measure  how the account had paid by then, and what was open by how long it had been due
Nulls    on_time_rate and mean_days_late where the outcome of no invoice was known
*/
with

days as (

    select
        *,
        cast(on_day as varchar) as moment_id
    from {{ ref('int_invoices__ageing_days') }}

),

changes as (

    select * from {{ ref('int_invoices__outcomes') }}

),

open_amounts as (

    select * from {{ ref('int_invoices__open_amounts') }}

),

records as (

    {{ payment_record('days', 'changes', ['account_id', 'currency']) }}

),

ageing as (

    select
        account_id,
        currency,
        on_day,
        count(case when open_amount > 0 then 1 end) as open_count,
        cast(sum(open_amount) as decimal(18, 2)) as open_amount,
        {{ aged_amount(none, 0) }} as not_due_amount,
        {{ aged_amount(1, 30) }} as due_1_to_30_amount,
        {{ aged_amount(31, 60) }} as due_31_to_60_amount,
        {{ aged_amount(61, 90) }} as due_61_to_90_amount,
        {{ aged_amount(91, none) }} as due_over_90_amount,
        cast(coalesce(sum(case when is_disputed then open_amount end), 0) as decimal(18, 2)) as disputed_amount
    from open_amounts
    group by
        account_id,
        currency,
        on_day

)

select
    days.account_id,
    days.currency,
    days.on_day as ageing_on,
    days.is_current,
    cast(records.known_invoices as bigint) as known_invoices,
    cast(records.on_time_invoices as bigint) as on_time_count,
    {{ per_known_invoice('records.on_time_invoices', 'records.known_invoices') }} as on_time_rate,
    cast(records.days_late as bigint) as days_late_sum,
    {{ per_known_invoice('records.days_late', 'records.known_invoices') }} as mean_days_late,
    coalesce(ageing.open_count, 0) as open_count,
    coalesce(ageing.open_amount, 0) as open_amount,
    coalesce(ageing.not_due_amount, 0) as not_due_amount,
    coalesce(ageing.due_1_to_30_amount, 0) as due_1_to_30_amount,
    coalesce(ageing.due_31_to_60_amount, 0) as due_31_to_60_amount,
    coalesce(ageing.due_61_to_90_amount, 0) as due_61_to_90_amount,
    coalesce(ageing.due_over_90_amount, 0) as due_over_90_amount,
    coalesce(ageing.disputed_amount, 0) as disputed_amount
from days
inner join records
    on
        days.account_id = records.account_id
        and days.currency = records.currency
        and days.moment_id = records.moment_id
        and records.is_moment
left join ageing
    on
        days.account_id = ageing.account_id
        and days.currency = ageing.currency
        and days.on_day = ageing.on_day
