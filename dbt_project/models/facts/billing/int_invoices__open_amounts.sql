/*
Grain    one row per invoice and day of ageing on which it was open
Measure  open_amount: what was owed by that day, below 0 for a credit; days_past_due: how long it had been due
Nulls    none
*/
with

invoices as (

    select * from {{ ref('int_invoices__settlements') }}

),

days as (

    select * from {{ ref('int_invoices__ageing_days') }}

),

payments as (

    select
        payments.invoice_id,
        {{ paid_change('payments') }} + {{ credited_change('payments') }} as settled_amount,
        {{ local_day('payments.paid_at', 'invoices.time_zone') }} as paid_on
    from {{ ref('stg_billing__payments') }} as payments
    inner join invoices on payments.invoice_id = invoices.invoice_id
    where payments.paid_at <= invoices.as_of

),

open_invoices as (

    select
        days.on_day,
        days.is_current,
        invoices.invoice_id,
        invoices.account_id,
        invoices.currency,
        invoices.amount,
        invoices.is_disputed,
        invoices.due_on
    from invoices
    inner join days
        on
            invoices.account_id = days.account_id
            and invoices.currency = days.currency
            and (days.is_current or invoices.issued_on <= days.on_day)
            and days.on_day < coalesce(invoices.settled_on, {{ end_of_time() }})
            and days.on_day < coalesce(invoices.voided_on, {{ end_of_time() }})
    where invoices.amount <> 0

),

part_payments as (

    select
        open_invoices.invoice_id,
        open_invoices.on_day,
        sum(payments.settled_amount) as settled_amount
    from open_invoices
    inner join payments
        on
            open_invoices.invoice_id = payments.invoice_id
            and open_invoices.on_day >= payments.paid_on
    group by
        open_invoices.invoice_id,
        open_invoices.on_day

),

owed as (

    select
        open_invoices.*,
        {{ owed_amount('open_invoices.amount', 'coalesce(part_payments.settled_amount, 0)') }} as open_amount
    from open_invoices
    left join part_payments
        on
            open_invoices.invoice_id = part_payments.invoice_id
            and open_invoices.on_day = part_payments.on_day

)

select
    on_day,
    is_current,
    invoice_id,
    account_id,
    currency,
    is_disputed,
    {{ days_between('due_on', 'on_day') }} as days_past_due,
    open_amount
from owed
where open_amount <> 0
