/*
Grain    one row per notice
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
with

versions as (

    select
        *,
        {{ version_rank(['notice_id']) }} as version_rank
    from {{ source('raw', 'billing_notices') }}

),

contact_keys as (

    select * from {{ source('vault', 'contact_keys') }}

)

select
    versions.notice_id,
    versions.invoice_id,
    versions.account_id,
    contact_keys.contact_key,
    versions.notice_kind,
    versions.channel,
    versions.sent_at,
    versions.sent_by_team,
    versions.updated_at
from versions
left join contact_keys on versions.contact_id = contact_keys.contact_id
where
    versions.version_rank = 1
    and not coalesce(versions.is_deleted, false)
