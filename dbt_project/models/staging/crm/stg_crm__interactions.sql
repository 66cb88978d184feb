/*
Grain    one row per interaction
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    contact_key is null where no contact is recorded.
*/
with

versions as (

    select
        *,
        {{ version_rank(['interaction_id']) }} as version_rank
    from {{ source('raw', 'crm_interactions') }}

),

contact_keys as (

    select * from {{ source('vault', 'contact_keys') }}

)

select
    versions.interaction_id,
    versions.account_id,
    contact_keys.contact_key,
    versions.site_id,
    versions.product_id,
    versions.touchpoint,
    versions.channel,
    versions.direction,
    versions.occurred_at,
    versions.handled_by_team,
    versions.journey_id,
    versions.outcome,
    versions.effort_minutes,
    versions.updated_at
from versions
left join contact_keys on versions.contact_id = contact_keys.contact_id
where
    versions.version_rank = 1
    and not coalesce(versions.is_deleted, false)
