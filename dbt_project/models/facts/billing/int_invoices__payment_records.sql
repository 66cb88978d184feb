/*
Grain    one row per moment: a notice, or an open invoice on one of its days
Measure  the payment record of the account as it was known at that instant, over its other invoices
Nulls    on_time_rate and mean_days_late where the outcome of no other invoice was known
*/
with

changes as (

    select * from {{ ref('int_invoices__outcomes') }}

),

moments as (

    select
        counted_account_id,
        moment_id,
        invoice_id,
        on_day,
        judged_at as known_at
    from {{ ref('int_billing__moments') }}

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
