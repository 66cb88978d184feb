/*
Grain    one row per contact who was invited to a survey up to the clock
Measure  when last, and how often in the last year in vain since the last answer
Nulls    none
*/
with

clock as (

    select as_of from {{ source('memory', 'clock') }}

),

invitations as (

    select
        invitations.contact_key,
        invitations.sent_at,
        coalesce(invitations.attempts, 1) as attempts,
        {{ aapor_code('invitations.disposition') }} in ('I', 'P') as is_answered,
        invitations.sent_at > clock.as_of - interval '{{ var("trailing_year_days") }}' day as is_recent
    from {{ ref('int_invitations__resolved') }} as invitations
    cross join clock
    where invitations.sent_at <= clock.as_of

),

answered as (

    select
        *,
        max(case when is_answered then sent_at end) over (partition by contact_key) as last_answered_at
    from invitations

)

select
    contact_key,
    max(sent_at) as last_asked_at,
    sum(
        case
            when is_recent and (last_answered_at is null or sent_at > last_answered_at) then attempts
            else 0
        end
    ) as unanswered_attempts
from answered
group by contact_key
