/*
Grain    one row per survey and question
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
with

versions as (

    select
        *,
        {{ version_rank(['survey_id', 'question_id']) }} as version_rank
    from {{ source('raw', 'survey_questions') }}

)

select
    survey_id,
    question_id,
    question_text,
    metric,
    measure,
    scale_min,
    scale_max,
    coalesce(is_reversed, false) as is_reversed,
    updated_at
from versions
where version_rank = 1
