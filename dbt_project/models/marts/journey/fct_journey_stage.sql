/*
Grain    one row per stage visit of a journey instance
Measure  how long the client was in the stage, who was involved, whether it took too long
Nulls    exited_at and duration_seconds while open; is_over_target without a target
*/
with

visits as (

    select * from {{ ref('int_journeys__stage_visits') }}

),

times as (

    select * from {{ ref('int_journeys__stage_visit_durations') }}

),

stages as (

    select * from {{ ref('journeys') }}

),

skips as (

    select
        visits.journey_instance_id,
        visits.visit_sequence
    from visits
    inner join stages
        on
            visits.journey = stages.journey
            and visits.previous_stage_order < stages.stage_order
            and visits.stage_order > stages.stage_order
    group by
        visits.journey_instance_id,
        visits.visit_sequence

)

select
    visits.journey_instance_id,
    cast(visits.visit_sequence as bigint) as sequence_number,
    visits.account_id,
    visits.journey,
    visits.stage,
    visits.visit_number,
    visits.entered_at,
    visits.exited_at,
    times.duration_seconds,
    visits.previous_stage,
    visits.next_stage,
    visits.interaction_count,
    cast(visits.handoff_count as bigint) as handoff_count,
    visits.team_count,
    visits.accountable_team_id,
    visits.is_open,
    times.is_reentry,
    skips.journey_instance_id is not null as is_skip,
    cast(visits.target_seconds as {{ type_double() }}) as target_seconds,
    times.is_over_target
from visits
inner join times
    on
        visits.journey_instance_id = times.journey_instance_id
        and visits.visit_sequence = times.visit_sequence
left join skips
    on
        visits.journey_instance_id = skips.journey_instance_id
        and visits.visit_sequence = skips.visit_sequence
