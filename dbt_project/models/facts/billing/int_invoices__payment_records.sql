/*
Grain    one row per notice, and one per open invoice at the clock
Measure  the payment record of the account as it was known at that instant, over its other invoices
Nulls    on_time_rate and mean_days_late where the outcome of no other invoice was known
*/
with

invoices as (

    select * from {{ ref('int_invoices__settlements') }}

),

changes as (

    select * from {{ ref('int_invoices__outcomes') }}

),

moments as (

    select
        counted_account_id,
        'notice ' || notice_id as moment_id,
        invoice_id,
        sent_on as on_day,
        sent_at as known_at
    from {{ ref('int_notices__resolved') }}

    union all

    select
        counted_account_id,
        'invoice ' || invoice_id as moment_id,
        invoice_id,
        today as on_day,
        as_of as known_at
    from invoices
    where is_open

),

records as (

    {{ payment_record('moments', 'changes', ['counted_account_id']) }}

),

-- the invoice that a notice is about is no part of the record it is judged by
own as (

    {{ payment_record('moments', 'changes', ['counted_account_id', 'invoice_id']) }}

),

summed as (

    select
        records.moment_id,
        records.known_invoices - own.known_invoices as known_invoices,
        records.on_time_invoices - own.on_time_invoices as on_time_invoices,
        records.days_late - own.days_late as days_late
    from records
    inner join own on records.moment_id = own.moment_id
    where records.is_moment and own.is_moment

)

select
    moment_id,
    cast(known_invoices as bigint) as known_invoices,
    {{ per_known_invoice('on_time_invoices', 'known_invoices') }} as on_time_rate,
    {{ per_known_invoice('days_late', 'known_invoices') }} as mean_days_late
from summed
