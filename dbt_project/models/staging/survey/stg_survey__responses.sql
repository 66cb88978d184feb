/*
Grain    one row per response
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
with

versions as (

    select
        *,
        {{ version_rank(['response_id']) }} as version_rank
    from {{ source('raw', 'survey_responses') }}

),

contact_keys as (

    select * from {{ source('vault', 'contact_keys') }}

)

select
    versions.response_id,
    versions.survey_id,
    versions.invitation_id,
    versions.account_id,
    contact_keys.contact_key,
    versions.channel,
    versions.started_at,
    versions.submitted_at,
    versions.language,
    versions.interaction_id,
    versions.journey_id,
    versions.updated_at
from versions
left join contact_keys on versions.contact_id = contact_keys.contact_id
where
    versions.version_rank = 1
    and not coalesce(versions.is_deleted, false)
