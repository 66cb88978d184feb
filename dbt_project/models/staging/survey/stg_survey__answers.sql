/*
Grain    one row per response and question
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    the words themselves stay in raw; where a row was landed is kept to name it in the quarantine.
*/
with

versions as (

    select
        *,
        {{ version_rank(['response_id', 'question_id']) }} as version_rank
    from {{ source('raw', 'survey_answers') }}

)

select
    response_id,
    question_id,
    score,
    text is not null as has_text,
    updated_at,
    _file,
    _row_number,
    _load_id
from versions
where
    version_rank = 1
    and not coalesce(is_deleted, false)
