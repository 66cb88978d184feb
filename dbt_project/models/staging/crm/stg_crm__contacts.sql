/*
Grain    one row per contact
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    an empty flag means an active contact who has not opted out.
*/
with

versions as (

    select
        *,
        {{ version_rank(['contact_id']) }} as version_rank
    from {{ source('raw', 'crm_contacts') }}

),

contact_keys as (

    select * from {{ source('vault', 'contact_keys') }}

)

select
    contact_keys.contact_key,
    versions.account_id,
    versions.site_id,
    versions.language,
    versions.preferred_channel,
    coalesce(versions.is_active, true) as is_active,
    coalesce(versions.has_opted_out, false) as has_opted_out,
    versions.updated_at
from versions
left join contact_keys on versions.contact_id = contact_keys.contact_id
where
    versions.version_rank = 1
    and not coalesce(versions.is_deleted, false)
