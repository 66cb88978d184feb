{{ config(materialized='table') }}
/*
Grain    one row per interaction that belongs to a journey
Measure  its place in the journey instance: order, the step before, the stage visit it is in, changes of team
Nulls    the previous_ columns are null for the first interaction of an instance
*/
with

interactions as (

    select
        *,
        handling_team_id as team_id
    from {{ ref('int_interactions__resolved') }}
    where journey_instance_id is not null

),

steps as (

    select
        *,
        lag(stage) over (
            partition by journey_instance_id order by occurred_at, length(interaction_id), interaction_id
        ) as previous_stage,
        lag(team_id) over (
            partition by journey_instance_id order by occurred_at, length(interaction_id), interaction_id
        ) as previous_team_id,
        lag(occurred_at) over (
            partition by journey_instance_id order by occurred_at, length(interaction_id), interaction_id
        ) as previous_occurred_at,
        row_number() over (
            partition by journey_instance_id, team_id order by occurred_at, length(interaction_id), interaction_id
        ) as team_sequence
    from interactions

)

select
    interaction_id,
    account_id,
    counted_account_id,
    account_type,
    journey,
    journey_instance_id,
    stage,
    role,
    is_internal,
    occurred_at,
    accountable_team_id,
    team_id,
    previous_team_id,
    previous_occurred_at,
    previous_team_id is not null and previous_team_id <> team_id as is_handoff,
    team_sequence > 1 as is_team_returning,
    previous_stage is null or previous_stage <> stage as is_stage_entry,
    sum(case when previous_stage = stage then 0 else 1 end) over (
        partition by journey_instance_id
        order by occurred_at, length(interaction_id), interaction_id
        rows between unbounded preceding and current row
    ) as visit_sequence
from steps
