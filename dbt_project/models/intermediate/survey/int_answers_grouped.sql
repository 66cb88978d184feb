{{ config(materialized='view') }}
/*
Grain    one row per survey level, period, subject (a metric or a measure), counted response, whether it matters to the
         respondent's roles, and group of the response in the splits account, channel, role and role_group
Measure  what the response says of the subject, and the part of it that speaks for the group; an answer that does not
         matter weighs nothing and is counted apart. A view: there are hundreds of millions of rows
Nulls    scales of answers that do not matter; weighing_value of answers that weigh nothing
*/
with

answers as (

    select * from {{ ref('int_answers_counted') }}

),

groups as (

    select * from {{ ref('int_responses_grouped') }}

),

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

)

select
    answers.level,
    answers.period_key,
    answers.kind,
    answers.subject,
    answers.response_id,
    groups.split,
    groups.group_id,
    responses.counted_account_id,
    answers.score,
    answers.value,
    answers.top_box,
    answers.top_two,
    case when answers.is_relevant then groups.weight else 0.0 end as weight,
    case when answers.is_relevant then 1 else 0 end as response_count,
    case when answers.is_relevant then 0 else 1 end as irrelevant_count,
    case when answers.is_relevant then answers.first_scale end as first_scale,
    case when answers.is_relevant then answers.last_scale end as last_scale,
    case when answers.is_relevant and groups.weight > 0 then answers.value end as weighing_value
from answers
inner join groups
    on
        answers.period_key = groups.period_key
        and answers.response_id = groups.response_id
inner join responses on answers.response_id = responses.response_id
