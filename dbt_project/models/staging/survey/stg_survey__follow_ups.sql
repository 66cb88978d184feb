/*
Grain    one row per follow up
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
with

versions as (

    select
        *,
        {{ version_rank(['follow_up_id']) }} as version_rank
    from {{ source('raw', 'survey_follow_ups') }}

)

select
    follow_up_id,
    response_id,
    team_id,
    opened_at,
    acknowledged_at,
    contacted_at,
    closed_at,
    resolution,
    updated_at
from versions
where
    version_rank = 1
    and not coalesce(is_deleted, false)
