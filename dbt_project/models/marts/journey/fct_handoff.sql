{{ config(materialized='view') }}
/*
Grain    one row per handoff, named by the interaction that received it
Measure  which team handed over to which, how long the client waited in between
Nulls    none
*/
with

interactions as (

    select * from {{ ref('int_journeys__steps') }}

)

select
    interaction_id,
    journey_instance_id,
    account_id,
    journey,
    stage,
    previous_team_id as from_team_id,
    team_id as to_team_id,
    occurred_at as handed_at,
    {{ seconds_between('previous_occurred_at', 'occurred_at') }} as wait_seconds,
    is_team_returning as is_return
from interactions
where is_handoff
