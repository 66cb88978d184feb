{{ config(materialized='view') }}
/*
Grain    one row per response and question
Measure  the score as given and on 0 to 100, whether it is good news, whether the respondent is one to ask
Nulls    score and what follows from it for an answer in words; score_normalised without a declared scale
*/
select
    response_id,
    question_id,
    survey_id,
    level,
    account_id,
    contact_key,
    submitted_at,
    metric,
    measure,
    score,
    score_normalised,
    sentiment,
    is_relevant_to_role
from {{ ref('int_answers__scores') }}
