/*
Grain    one row per payment
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    a negative amount is a refund.
*/
with

versions as (

    select
        *,
        {{ version_rank(['payment_id']) }} as version_rank
    from {{ source('raw', 'billing_payments') }}

)

select
    payment_id,
    invoice_id,
    paid_at,
    amount,
    method,
    updated_at
from versions
where
    version_rank = 1
    and not coalesce(is_deleted, false)
