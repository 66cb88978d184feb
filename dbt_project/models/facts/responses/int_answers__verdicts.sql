{{ config(materialized='view') }}
/*
Grain    one row per surviving answer whose response and question are both known
Measure  verdict: why its score can't be used, judged against the question as it is now
Nulls    verdict is null for an answer that is fine
*/
with

answers as (

    select * from {{ ref('stg_survey__answers') }}

),

responses as (

    select * from {{ ref('stg_survey__responses') }}

),

questions as (

    select
        *,
        -- the recommendation question has one scale, whatever was declared
        case when metric = 'nps' then greatest(coalesce(scale_min, 0), 0) else scale_min end as lowest,
        case when metric = 'nps' then least(coalesce(scale_max, 10), 10) else scale_max end as highest
    from {{ ref('stg_survey__questions') }}

)

select
    answers.response_id,
    answers.question_id,
    responses.survey_id,
    questions.metric,
    questions.measure,
    questions.scale_min,
    questions.scale_max,
    questions.is_reversed,
    answers.score,
    answers.has_text,
    answers._file,
    answers._row_number,
    answers._load_id,
    case
        when questions.metric = 'nps' and answers.score is null
            then 'score: required for question ' || answers.question_id
        when answers.score < questions.lowest or answers.score > questions.highest
            then
                'score: ' || cast(answers.score as varchar) || ' is off the scale of question '
                || answers.question_id || ' (' || coalesce(cast(questions.lowest as varchar), '')
                || ' to ' || coalesce(cast(questions.highest as varchar), '') || ')'
        when questions.metric = 'nps' and answers.score <> floor(answers.score)
            then 'score: ' || cast(answers.score as varchar) || ' is no whole number'
    end as verdict
from answers
inner join responses on answers.response_id = responses.response_id
inner join questions
    on
        responses.survey_id = questions.survey_id
        and answers.question_id = questions.question_id
