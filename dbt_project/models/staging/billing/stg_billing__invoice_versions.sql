/*
Grain    one row per invoice and landed version; tombstones and later corrections of one instant left out
Measure  what was known of the invoice from valid_from up to valid_to
Nulls    valid_from is null for the earliest version, which stands for the time before it, valid_to for the one in force
*/
with

versions as (

    select
        *,
        {{ version_rank(['invoice_id', 'updated_at']) }} as version_rank
    from {{ source('raw', 'billing_invoices') }}
    where not coalesce(is_deleted, false)

),

standing as (

    select
        *,
        min(updated_at) over (partition by invoice_id) as first_known_at
    from versions
    where version_rank = 1

)

select
    invoice_id,
    amount,
    coalesce(is_disputed, false) as is_disputed,
    promised_on,
    voided_on,
    first_known_at,
    nullif(updated_at, first_known_at) as valid_from,
    lead(updated_at) over (partition by invoice_id order by updated_at) as valid_to
from standing
