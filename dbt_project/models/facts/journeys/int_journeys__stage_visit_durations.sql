/*
Grain    one row per stage visit of a journey instance
Measure  how long it took, whether that is too long, whether the stage was visited before: what reports on stages count,
         and what tells that an open one overran its target. No more of it, so that nothing else that changes in a visit
         is heard of
Nulls    duration_seconds while open; is_over_target without a target
*/
with

visits as (

    select * from {{ ref('int_journeys__stage_visits') }}

),

clock as (

    select * from {{ source('memory', 'clock') }}

),

timed as (

    select
        visits.*,
        {{ seconds_between('visits.entered_at', 'visits.exited_at') }} as duration_seconds,
        {{ seconds_between('visits.entered_at', 'coalesce(visits.exited_at, clock.as_of)') }} as elapsed_seconds
    from visits
    cross join clock

)

select
    journey_instance_id,
    visit_sequence,
    account_id,
    journey,
    stage,
    entered_at,
    {{ day_of('entered_at') }} as entered_on,
    is_open,
    duration_seconds,
    target_seconds,
    elapsed_seconds > target_seconds as is_over_target,
    visit_number > 1 as is_reentry
from timed
