{{ config(materialized='table') }}
/*
Grain    one row per invoice
Measure  paid_at: the first payment that brings what was paid, refunds taken off, to the amount; days in the account's
         own time zone; what came in after the clock is not known yet
Nulls    paid_at and paid_on until paid in full, and for an invoice that asks for nothing (amount 0 or less)
*/
with

invoices as (

    select * from {{ ref('stg_billing__invoices') }}

),

payments as (

    select * from {{ ref('stg_billing__payments') }}

),

merged as (

    select * from {{ ref('int_accounts__merges') }}

),

accounts as (

    select * from {{ ref('int_accounts__current') }}

),

clock as (

    select as_of from {{ source('memory', 'clock') }}

),

running as (

    select
        payments.invoice_id,
        payments.paid_at,
        payments.amount,
        invoices.amount as invoice_amount,
        sum(payments.amount) over (
            partition by payments.invoice_id
            order by payments.paid_at, payments.payment_id
            rows between unbounded preceding and current row
        ) as paid_amount
    from payments
    inner join invoices on payments.invoice_id = invoices.invoice_id
    cross join clock
    where payments.paid_at <= clock.as_of

),

settled as (

    select
        invoice_id,
        min(case when paid_amount >= invoice_amount and invoice_amount > 0 then paid_at end) as paid_at,
        sum(amount) as paid_amount
    from running
    group by invoice_id

),

placed as (

    select
        invoices.*,
        coalesce(merged.surviving_account_id, 'unknown') as surviving_account_id,
        {{ counted_account_id('merged', 'invoices.account_id') }} as counted_account_id,
        coalesce(accounts.account_type, 'unknown') as account_type,
        coalesce(accounts.region, 'unknown') as region,
        coalesce(accounts.time_zone, 'UTC') as time_zone,
        coalesce(invoices.currency, accounts.currency, 'unknown') as billed_currency,
        accounts.customer_since,
        settled.paid_at,
        coalesce(settled.paid_amount, 0) as paid_amount
    from invoices
    left join merged on invoices.account_id = merged.landed_account_id
    left join accounts on merged.surviving_account_id = accounts.account_id
    left join settled on invoices.invoice_id = settled.invoice_id

),

dated as (

    select
        placed.*,
        clock.as_of,
        {{ local_day('placed.paid_at', 'placed.time_zone') }} as paid_on,
        {{ local_day('clock.as_of', 'placed.time_zone') }} as today
    from placed
    cross join clock

)

select
    invoice_id,
    surviving_account_id as account_id,
    counted_account_id,
    account_type,
    region,
    time_zone,
    customer_since,
    site_id,
    invoice_number,
    issued_on,
    due_on,
    amount,
    billed_currency as currency,
    is_disputed,
    voided_on,
    paid_at,
    paid_on,
    paid_amount,
    as_of,
    today,
    coalesce(voided_on <= today, false) as is_voided,
    amount > 0 and paid_at is null and not coalesce(voided_on <= today, false) as is_open
from dated
