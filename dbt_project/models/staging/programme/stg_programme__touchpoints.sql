/*
Grain    one row per touchpoint
Measure  the journey and stage a touchpoint belongs to
Nulls    as declared
*/
-- nothing is built on these rows before they have been tested against journeys
-- depends_on: {{ ref('journeys') }}
with

touchpoints as (

    select * from {{ ref('touchpoints') }}

)

select
    touchpoint,
    touchpoint_name,
    journey,
    stage
from touchpoints
