/*
Grain    one row per invitation
Measure  who was asked for which account, and how many days after the invitation before it
Nulls    previous_sent_at for the first one; level for a survey that was never landed
*/
with

invitations as (

    select * from {{ ref('stg_survey__invitations') }}

),

surveys as (

    select * from {{ ref('stg_survey__surveys') }}

),

merged as (

    select * from {{ ref('int_accounts__merges') }}

),

contact_merges as (

    select * from {{ ref('int_contacts__merges') }}

),

contact_roles as (

    select * from {{ ref('int_contacts__leading_role_spells') }}

),

placed as (

    select
        invitations.*,
        surveys.level,
        {{ day_of('invitations.sent_at') }} as sent_on,
        coalesce(merged.surviving_account_id, 'unknown') as surviving_account_id,
        {{ counted_contact_key('contact_merges', 'invitations.contact_key') }} as counted_contact_key,
        {{ is_contact_known('contact_merges') }} as is_contact_known
    from invitations
    left join surveys on invitations.survey_id = surveys.survey_id
    left join merged on invitations.account_id = merged.landed_account_id
    left join contact_merges on invitations.contact_key = contact_merges.landed_contact_key

)

select
    placed.invitation_id,
    placed.survey_id,
    placed.level,
    placed.surviving_account_id as account_id,
    placed.counted_contact_key as contact_key,
    placed.is_contact_known,
    coalesce(contact_roles.role, 'unassigned') as role,
    placed.channel,
    placed.sent_at,
    lag(placed.sent_at) over (
        partition by placed.counted_contact_key
        order by placed.sent_at, length(placed.invitation_id), placed.invitation_id
    ) as previous_sent_at,
    placed.disposition,
    placed.attempts,
    placed.interaction_id,
    placed.journey_id
from placed
left join contact_roles
    on
        placed.counted_contact_key = contact_roles.contact_key
        and placed.surviving_account_id = contact_roles.account_id
        and {{ holds_day('contact_roles', 'placed.sent_on') }}
