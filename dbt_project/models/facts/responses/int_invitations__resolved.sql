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

contacts as (

    select * from {{ ref('stg_crm__contacts') }}

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
        contacts.contact_key is not null as is_contact_known,
        lag(invitations.sent_at) over (
            partition by invitations.contact_key order by invitations.sent_at, length(invitations.invitation_id), invitations.invitation_id
        ) as previous_sent_at
    from invitations
    left join surveys on invitations.survey_id = surveys.survey_id
    left join merged on invitations.account_id = merged.landed_account_id
    left join contacts on invitations.contact_key = contacts.contact_key

)

select
    placed.invitation_id,
    placed.survey_id,
    placed.level,
    placed.surviving_account_id as account_id,
    placed.contact_key,
    placed.is_contact_known,
    coalesce(contact_roles.role, 'unassigned') as role,
    placed.channel,
    placed.sent_at,
    placed.previous_sent_at,
    placed.disposition,
    placed.attempts,
    placed.interaction_id,
    placed.journey_id
from placed
left join contact_roles
    on
        placed.contact_key = contact_roles.contact_key
        and placed.surviving_account_id = contact_roles.account_id
        and {{ holds_day('contact_roles', 'placed.sent_on') }}
