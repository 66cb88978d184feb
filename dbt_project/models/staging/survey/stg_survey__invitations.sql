/*
Grain    one row per invitation
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    an empty disposition is `sent`.
*/
with

versions as (

    select
        *,
        {{ version_rank(['invitation_id']) }} as version_rank
    from {{ source('raw', 'survey_invitations') }}

),

contact_keys as (

    select * from {{ source('vault', 'contact_keys') }}

)

select
    versions.invitation_id,
    versions.survey_id,
    versions.account_id,
    contact_keys.contact_key,
    versions.channel,
    versions.sent_at,
    coalesce(versions.disposition, 'sent') as disposition,
    versions.attempts,
    versions.interaction_id,
    versions.journey_id,
    versions.updated_at
from versions
left join contact_keys on versions.contact_id = contact_keys.contact_id
where
    versions.version_rank = 1
    and not coalesce(versions.is_deleted, false)
