{{ config(materialized='table') }}
/*
Grain    one row per invoice
Measure  settled_at: when payments, refunds taken off, and credits came to the amount and stayed there; paid_at: the
         last payment up to then; open_amount: what is owed, below 0 for what a credit has left. Days are those of the
         account's own time zone; what came in after the clock is not known yet
Nulls    settled_at until then, and for an invoice that asks for nothing (amount 0 or less); paid_at also where credits
         alone settled it. Invoices of a day to come are absent
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

spells as (

    {{ settlement_spells('invoices', 'payments', 'clock') }}

),

sums as (

    select
        payments.invoice_id,
        sum({{ paid_change('payments') }}) as paid_amount,
        sum({{ credited_change('payments') }}) as credited_amount
    from payments
    cross join clock
    where payments.paid_at <= clock.as_of
    group by payments.invoice_id

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
        spells.begins_at as settled_at,
        spells.paid_at,
        coalesce(sums.paid_amount, 0) as paid_amount,
        coalesce(sums.credited_amount, 0) as credited_amount
    from invoices
    left join merged on invoices.account_id = merged.landed_account_id
    left join accounts on merged.surviving_account_id = accounts.account_id
    left join spells on invoices.invoice_id = spells.invoice_id and spells.is_settled and spells.ends_at is null
    left join sums on invoices.invoice_id = sums.invoice_id

),

dated as (

    select
        placed.*,
        clock.as_of,
        {{ local_day('placed.settled_at', 'placed.time_zone') }} as settled_on,
        {{ local_day('placed.paid_at', 'placed.time_zone') }} as paid_on,
        {{ local_day('clock.as_of', 'placed.time_zone') }} as today
    from placed
    cross join clock

),

owed as (

    select
        *,
        coalesce(voided_on <= today, false) as is_voided,
        case
            when coalesce(voided_on <= today, false) then 0
            else {{ owed_amount('amount', 'paid_amount + credited_amount') }}
        end as open_amount
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
    collection,
    voided_on,
    settled_at,
    settled_on,
    paid_at,
    paid_on,
    paid_amount,
    credited_amount,
    open_amount,
    as_of,
    today,
    is_voided,
    amount > 0 and settled_at is null and not is_voided as is_open
from owed
