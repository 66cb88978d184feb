/*
Grain    one row per journey instance and kind of conflict: escalation, dispute, outage
Measure  the time from its first interaction to the end of the journey, and the team that answers for it
Nulls    ended_at while the journey goes on
*/
with

interactions as (

    select * from {{ ref('int_interactions__resolved') }}

),

visits as (

    select * from {{ ref('int_journeys__stage_visits') }}

),

kinds as (

    select
        *,
        case
            when touchpoint in ('{{ var("escalation_touchpoints") | join("', '") }}') then 'escalation'
            when touchpoint in ('{{ var("dispute_touchpoints") | join("', '") }}') then 'dispute'
            when journey in ('{{ var("outage_journeys") | join("', '") }}') then 'outage'
        end as conflict_kind
    from interactions
    where journey_instance_id is not null

),

-- what happened later in the journey than the first interaction of its kind is the same conflict
openings as (

    select
        *,
        row_number() over (
            partition by journey_instance_id, conflict_kind order by occurred_at, interaction_id
        ) as place
    from kinds
    where conflict_kind is not null

),

ends as (

    select
        journey_instance_id,
        max(case when next_stage is null and is_exit then last_occurred_at end) as ended_at
    from visits
    group by journey_instance_id

)

select
    openings.account_id,
    openings.counted_account_id,
    openings.conflict_kind,
    openings.journey_instance_id,
    openings.occurred_at as started_at,
    ends.ended_at,
    openings.accountable_team_id as team_id
from openings
left join ends on openings.journey_instance_id = ends.journey_instance_id
where openings.place = 1
