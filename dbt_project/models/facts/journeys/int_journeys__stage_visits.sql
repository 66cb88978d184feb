{{ config(materialized='table') }}
/*
Grain    one row per stage visit: a maximal run of consecutive interactions of an instance in one stage
Measure  when it was entered and left, what came before and after, how many handoffs were received in it
Nulls    exited_at is null while open; previous_ and next_ columns at the ends of the instance
*/
with

interactions as (

    select * from {{ ref('int_journeys__steps') }}

),

stages as (

    select * from {{ ref('journeys') }}

),

visits as (

    select
        journey_instance_id,
        visit_sequence,
        min(account_id) as account_id,
        min(account_type) as account_type,
        min(journey) as journey,
        min(stage) as stage,
        max(case when is_stage_entry then accountable_team_id end) as accountable_team_id,
        min(occurred_at) as entered_at,
        max(occurred_at) as last_occurred_at,
        count(*) as interaction_count,
        sum(case when is_handoff then 1 else 0 end) as handoff_count,
        count(distinct team_id) as team_count
    from interactions
    group by
        journey_instance_id,
        visit_sequence

),

ordered as (

    select
        visits.*,
        stages.stage_order,
        stages.is_exit,
        stages.target_days * 86400 as target_seconds,
        row_number() over (
            partition by visits.journey_instance_id, visits.stage order by visits.visit_sequence
        ) as visit_number,
        lag(visits.stage) over (
            partition by visits.journey_instance_id order by visits.visit_sequence
        ) as previous_stage,
        lead(visits.stage) over (
            partition by visits.journey_instance_id order by visits.visit_sequence
        ) as next_stage,
        lag(stages.stage_order, 1, 0) over (
            partition by visits.journey_instance_id order by visits.visit_sequence
        ) as previous_stage_order,
        lead(visits.entered_at) over (
            partition by visits.journey_instance_id order by visits.visit_sequence
        ) as next_entered_at
    from visits
    inner join stages on visits.journey = stages.journey and visits.stage = stages.stage

)

select
    *,
    case
        when next_stage is not null then next_entered_at
        when is_exit then last_occurred_at
    end as exited_at,
    next_stage is null and not is_exit as is_open
from ordered
