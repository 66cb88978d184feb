/*
Grain    one row per journey and stage
Measure  stages in their order, with the time a visit should take
Nulls    target_seconds is null where no target is declared
*/
with

journeys as (

    select * from {{ ref('journeys') }}

)

select
    journey,
    stage,
    stage_order,
    is_entry,
    is_exit,
    target_days * 86400 as target_seconds
from journeys
