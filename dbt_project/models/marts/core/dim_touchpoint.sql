/*
Grain    one row per touchpoint of the programme or of a landed interaction, and the member `unknown`
Measure  the journey and stage a touchpoint belongs to
Nulls    journey, stage and stage_order for a touchpoint the programme does not list
*/
with

touchpoints as (

    select * from {{ ref('stg_programme__touchpoints') }}

),

stages as (

    select * from {{ ref('journeys') }}

),

unlisted as (

    select touchpoint
    from {{ ref('int_interactions__resolved') }}
    where journey is null and touchpoint <> 'unknown'
    group by touchpoint

)

select
    touchpoints.touchpoint,
    touchpoints.touchpoint_name,
    touchpoints.journey,
    touchpoints.stage,
    stages.stage_order,
    true as is_in_programme
from touchpoints
left join stages on touchpoints.journey = stages.journey and touchpoints.stage = stages.stage

union all

select
    touchpoint,
    touchpoint as touchpoint_name,
    cast(null as varchar) as journey,
    cast(null as varchar) as stage,
    cast(null as bigint) as stage_order,
    false as is_in_programme
from unlisted

union all

select
    'unknown' as touchpoint,
    'Unknown touchpoint' as touchpoint_name,
    cast(null as varchar) as journey,
    cast(null as varchar) as stage,
    cast(null as bigint) as stage_order,
    false as is_in_programme
