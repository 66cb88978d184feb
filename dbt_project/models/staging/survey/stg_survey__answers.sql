/*
Grain    one row per landed version of an answer
Measure  the answer as the source had it, whether or not its score can be used; which version stands is judged later
Nulls    the words themselves stay in raw; where a row was landed is kept to name it in the quarantine. Answers of a
         response that came in after the clock are not known yet.
*/
with

later_responses as (

    {{ latest_version('survey_responses', ['response_id'], happened='submitted_at', is_later=true) }}

)

select
    response_id,
    question_id,
    score,
    text is not null as has_text,
    coalesce(is_deleted, false) as is_deleted,
    updated_at,
    _record_hash,
    _file,
    _row_number,
    _load_id
from {{ source('raw', 'survey_answers') }}
where response_id not in (select later_responses.response_id from later_responses)
