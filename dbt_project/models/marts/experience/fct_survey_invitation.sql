/*
Grain    one row per invitation
Measure  who was asked what, through which channel, what became of it, and whether it came too soon after the last
Nulls    hours_after_interaction where it asks about no known interaction; is_fatigue_breach without a policy
*/
with

invitations as (

    select * from {{ ref('int_invitations__resolved') }}

),

policies as (

    select * from {{ ref('stg_programme__outreach_policies') }}

),

interactions as (

    select * from {{ ref('int_interactions__resolved') }}

),

timed as (

    select
        invitations.*,
        coalesce(policies.min_days_between_surveys, any_policies.min_days_between_surveys) as min_days_between_surveys,
        {{ seconds_between('invitations.previous_sent_at', 'invitations.sent_at') }} / 86400.0 as days_after_previous,
        {{ seconds_between('interactions.occurred_at', 'invitations.sent_at') }} / 3600.0 as hours_after_interaction
    from invitations
    left join policies on invitations.role = policies.role
    left join policies as any_policies on any_policies.role = '*'
    left join interactions on invitations.interaction_id = interactions.interaction_id

)

select
    invitation_id,
    survey_id,
    level,
    account_id,
    case when is_contact_known then contact_key else 'unknown' end as contact_key,
    role,
    channel,
    sent_at,
    disposition,
    {{ aapor_code('disposition') }} as aapor_code,
    attempts,
    case
        when min_days_between_surveys is not null
            then coalesce(days_after_previous < min_days_between_surveys, false)
    end as is_fatigue_breach,
    hours_after_interaction
from timed
