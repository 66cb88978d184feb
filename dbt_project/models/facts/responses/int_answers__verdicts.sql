{{ config(materialized='view') }}
/*
Grain    one row per landed version of an answer
Measure  verdict: why its score can't be used, judged against the question as it is now; standing: what becomes of the
         version, once those that can't be used are out of the competition
Nulls    verdict is null for a version that is fine, a deletion, and one that waits; what is said of the question for
         one whose response or question is unknown
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

),

judged as (

    select
        answers.*,
        questions.survey_id,
        questions.metric,
        questions.measure,
        questions.scale_min,
        questions.scale_max,
        questions.is_reversed,
        case
            when answers.is_deleted then null
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
    left join responses on answers.response_id = responses.response_id
    left join questions
        on
            responses.survey_id = questions.survey_id
            and answers.question_id = questions.question_id

),

contested as (

    select
        *,
        -- of this version and those that win against it
        sum(case when verdict is null then 1 else 0 end) over (
            partition by response_id, question_id
            order by {{ version_order() }}, _load_id, _file, _row_number
            rows between unbounded preceding and current row
        ) as fit_versions
    from judged

)

select
    response_id,
    question_id,
    survey_id,
    metric,
    measure,
    scale_min,
    scale_max,
    is_reversed,
    score,
    has_text,
    is_deleted,
    updated_at,
    _record_hash,
    _file,
    _row_number,
    _load_id,
    verdict,
    case
        when fit_versions > case when verdict is null then 1 else 0 end then 'superseded'
        when verdict is not null then 'refused'
        when is_deleted then 'deleted'
        when survey_id is null then 'waiting'
        else 'surviving'
    end as standing
from contested
