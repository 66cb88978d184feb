{{ config(materialized='view') }}
/*
Grain    one row per invoice
Measure  when it was paid in full, how late, and what is still open at the clock
Nulls    paid_on until paid in full, and where credits alone settled it; days_late of such an invoice, of one that was
         voided and of one that asks for nothing
*/
with

invoices as (

    select * from {{ ref('int_invoices__settlements') }}

),

sites as (

    select * from {{ ref('stg_crm__sites') }}

)

select
    invoices.invoice_id,
    invoices.account_id,
    coalesce(sites.site_id, 'unknown') as site_id,
    invoices.invoice_number,
    invoices.issued_on,
    invoices.due_on,
    invoices.paid_on,
    invoices.voided_on,
    case
        when invoices.amount > 0 and not invoices.is_voided and (invoices.is_open or invoices.paid_on is not null)
            then greatest({{ days_between('invoices.due_on', 'coalesce(invoices.paid_on, invoices.today)') }}, 0)
    end as days_late,
    invoices.is_open,
    invoices.is_voided,
    invoices.is_disputed,
    invoices.collection,
    invoices.currency,
    invoices.amount,
    cast(invoices.paid_amount as decimal(18, 2)) as paid_amount,
    cast(invoices.credited_amount as decimal(18, 2)) as credited_amount,
    cast(invoices.open_amount as decimal(18, 2)) as open_amount
from invoices
left join sites on invoices.site_id = sites.site_id
