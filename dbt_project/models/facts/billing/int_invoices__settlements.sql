{{ config(materialized='table') }}
/*
Grain    one row per invoice
Measure  paid_at: the first payment from which on what was paid, refunds taken off, stays at the amount; open_amount:
         what is owed, below 0 for what a credit has left; days in the account's own time zone
Nulls    paid_at and paid_on unless paid in full, and for an invoice that asks for nothing (amount 0 or less);
         hold_reason where nothing speaks against asking for the money. Invoices of a day to come are absent.
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

lasting as (

    select
        *,
        min(paid_amount) over (
            partition by invoice_id
            order by paid_at, length(payment_id), payment_id
            rows between current row and unbounded following
        ) as least_paid_amount
    from (
        select
            *,
            sum(amount) over (
                partition by invoice_id
                order by paid_at, length(payment_id), payment_id
                rows between unbounded preceding and current row
            ) as paid_amount
        from payments
    ) as running

),

settled as (

    select
        invoices.invoice_id,
        min(case when lasting.least_paid_amount >= invoices.amount then lasting.paid_at end) as paid_at,
        sum(lasting.amount) as paid_amount
    from lasting
    inner join invoices on lasting.invoice_id = invoices.invoice_id
    group by invoices.invoice_id

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
        case when invoices.amount > 0 then settled.paid_at end as paid_at,
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

),

owed as (

    select
        *,
        coalesce(voided_on <= today, false) as is_voided,
        {{ owed_amount() }} as open_amount
    from dated
    where issued_on is null or issued_on <= today

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
    greatest(due_on, coalesce(issued_on, due_on)) as due_on,
    coalesce(due_on < issued_on, false) as is_due_before_issue,
    amount,
    billed_currency as currency,
    is_disputed,
    voided_on,
    paid_at,
    paid_on,
    paid_amount,
    open_amount,
    as_of,
    today,
    is_voided,
    amount > 0 and open_amount > 0 as is_open,
    {{ hold_reason() }} as hold_reason
from owed
