/*
Grain    one row per survey and question, and the member `unknown`
Measure  what was asked, in which survey and at which level, on which scale
Nulls    scale where none was declared; survey_name and level for a survey that was never landed
*/
with

questions as (

    select * from {{ ref('stg_survey__questions') }}

),

surveys as (

    select * from {{ ref('stg_survey__surveys') }}

),

measures as (

    select * from {{ ref('measures') }}

)

select
    questions.survey_id,
    questions.question_id,
    surveys.survey_name,
    surveys.level,
    questions.question_text,
    questions.metric,
    coalesce(measures.measure, 'unknown') as measure,
    questions.scale_min,
    questions.scale_max,
    questions.is_reversed
from questions
left join surveys on questions.survey_id = surveys.survey_id
left join measures on questions.measure = measures.measure

union all

select
    'unknown' as survey_id,
    'unknown' as question_id,
    cast(null as varchar) as survey_name,
    cast(null as varchar) as level,
    'Unknown question' as question_text,
    'unknown' as metric,
    'unknown' as measure,
    cast(null as bigint) as scale_min,
    cast(null as bigint) as scale_max,
    false as is_reversed
