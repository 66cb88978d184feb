/*
Grain    one row per survey
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
with

versions as (

    select
        *,
        {{ version_rank(['survey_id']) }} as version_rank
    from {{ source('raw', 'survey_surveys') }}

)

select
    survey_id,
    survey_name,
    level,
    updated_at
from versions
where version_rank = 1
