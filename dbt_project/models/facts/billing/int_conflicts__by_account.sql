/*
Grain    one row per escalation, dispute, unresolved journey of an outage, and renewal window of an account
Measure  the time in which a demand for payment contradicts it, and the team that answers for it
Nulls    ended_at while it goes on
*/
with

interactions as (

    select
        *,
        case
            when touchpoint in ('{{ var("escalation_touchpoints") | join("', '") }}') then 'escalation'
            when touchpoint in ('{{ var("dispute_touchpoints") | join("', '") }}') then 'dispute'
            when journey in ('{{ var("outage_journeys") | join("', '") }}') then 'outage'
        end as conflict_kind
    from {{ ref('int_interactions__resolved') }}
    where journey_instance_id is not null

),

-- what happened later in the journey than the first interaction of its kind is the same conflict
openings as (

    select
        *,
        row_number() over (
            partition by journey_instance_id, conflict_kind order by occurred_at, length(interaction_id), interaction_id
        ) as place
    from interactions
    where conflict_kind is not null

),

ends as (

    select
        journey_instance_id,
        max(case when next_stage is null and is_exit then last_occurred_at end) as ended_at
    from {{ ref('int_journeys__stage_visits') }}
    group by journey_instance_id

),

accounts as (

    select * from {{ ref('int_accounts__current') }}

),

renewals as (

    select
        *,
        {{ add_days('renewal_on', -1 * var('renewal_window_days')) }} as opens_on
    from accounts
    where renewal_on is not null

)

select
    openings.account_id,
    openings.counted_account_id,
    openings.conflict_kind,
    openings.journey_instance_id || ' ' || openings.conflict_kind as conflict_id,
    openings.occurred_at as started_at,
    ends.ended_at,
    openings.accountable_team_id as team_id
from openings
left join ends on openings.journey_instance_id = ends.journey_instance_id
where openings.place = 1

union all

select
    renewals.account_id,
    renewals.account_id as counted_account_id,
    'renewal_window' as conflict_kind,
    renewals.account_id || ' renewal ' || cast(renewals.renewal_on as varchar) as conflict_id,
    {{ instant_of('renewals.opens_on') }} as started_at,
    {{ instant_of(add_days('renewals.renewal_on', 1)) }} as ended_at,
    coalesce(owners.team_id, 'unattributed') as team_id
from renewals
{{ join_owners("'" ~ var('renewal_touchpoint') ~ "'", 'renewals', 'renewals.opens_on') }}
