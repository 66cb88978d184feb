/*
Grain    one row per contact, account, role and first day
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    valid_to is exclusive, null while open.
*/
with

versions as (

    select
        *,
        {{ version_rank(['contact_id', 'account_id', 'role', 'valid_from']) }} as version_rank
    from {{ source('raw', 'crm_contact_roles') }}

),

contact_keys as (

    select * from {{ source('vault', 'contact_keys') }}

)

select
    contact_keys.contact_key,
    versions.account_id,
    versions.role,
    versions.product_id,
    versions.valid_from,
    versions.valid_to,
    versions.updated_at
from versions
left join contact_keys on versions.contact_id = contact_keys.contact_id
where
    versions.version_rank = 1
    and not coalesce(versions.is_deleted, false)
