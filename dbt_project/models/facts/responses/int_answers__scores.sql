{{ config(materialized='table') }}
/*
Grain    one row per response and question
Measure  the score as given and on 0 to 100, whether it is good news, whether the respondent is one to ask
Nulls    score and what follows from it for an answer in words; score_normalised without a declared scale
*/
with

answers as (

    select
        *,
        {{ normalised_score('score', 'scale_min', 'scale_max', 'is_reversed') }} as score_normalised
    from {{ ref('int_answers__verdicts') }}
    where standing = 'surviving'

),

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

measures as (

    select * from {{ ref('measures') }}

),

interactions as (

    select * from {{ ref('int_interactions__resolved') }}

),

relevance as (

    select
        responses.response_id,
        max(relevance.relevance) as relevance
    from responses
    inner join interactions on responses.interaction_id = interactions.interaction_id
    {{ join_relevance('responses', 'interactions') }}
    group by responses.response_id

)

select
    answers.response_id,
    answers.question_id,
    answers.survey_id,
    responses.level,
    responses.account_id,
    case when responses.is_contact_known then responses.contact_key else 'unknown' end as contact_key,
    responses.submitted_at,
    answers.metric,
    coalesce(measures.measure, 'unknown') as measure,
    answers.score,
    answers.scale_min,
    answers.scale_max,
    answers.is_reversed,
    answers.score_normalised,
    case
        when answers.metric = 'nps' then {{ nps_sentiment(nps_value('answers.score')) }}
        else {{ by_third('answers.score_normalised', 'negative', 'neutral', 'positive') }}
    end as sentiment,
    coalesce(relevance.relevance > 0, true) as is_relevant_to_role
from answers
inner join responses on answers.response_id = responses.response_id
left join measures on answers.measure = measures.measure
left join relevance on answers.response_id = relevance.response_id
