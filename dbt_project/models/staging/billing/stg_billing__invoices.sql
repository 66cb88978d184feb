/*
Grain    one row per invoice
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
with

versions as (

    select
        *,
        {{ version_rank(['invoice_id']) }} as version_rank
    from {{ source('raw', 'billing_invoices') }}

)

select
    invoice_id,
    account_id,
    site_id,
    invoice_number,
    issued_on,
    due_on,
    amount,
    currency,
    coalesce(is_disputed, false) as is_disputed,
    voided_on,
    updated_at
from versions
where
    version_rank = 1
    and not coalesce(is_deleted, false)
