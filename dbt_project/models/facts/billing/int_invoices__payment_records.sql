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

    select
        moments.moment_id,
        invoices.paid_at is not null and invoices.paid_at < moments.known_at
        and invoices.paid_on <= invoices.due_on as is_on_time,
        case
            when invoices.paid_at < moments.known_at and invoices.paid_on > invoices.due_on
                then {{ days_between('invoices.due_on', 'invoices.paid_on') }}
            when coalesce(invoices.paid_at >= moments.known_at, true) and invoices.due_on < moments.on_day
                then {{ days_between('invoices.due_on', 'moments.on_day') }}
            else 0
        end as days_late
    from moments
    inner join invoices
        on
            moments.invoice_id = invoices.invoice_id
            and moments.counted_account_id = invoices.counted_account_id
    where
        invoices.amount > 0
        and coalesce(invoices.voided_on, {{ end_of_time() }}) > moments.on_day
        and (invoices.due_on < moments.on_day or invoices.paid_at < moments.known_at)

),

summed as (

    select
        records.moment_id,
        records.known_invoices - case when own.moment_id is null then 0 else 1 end as known_invoices,
        records.on_time_invoices - case when own.is_on_time then 1 else 0 end as on_time_invoices,
        records.days_late - coalesce(own.days_late, 0) as days_late
    from records
    left join own on records.moment_id = own.moment_id
    where records.is_moment

)

select
    moment_id,
    cast(known_invoices as bigint) as known_invoices,
    {{ per_known_invoice('on_time_invoices', 'known_invoices') }} as on_time_rate,
    {{ per_known_invoice('days_late', 'known_invoices') }} as mean_days_late
from summed
