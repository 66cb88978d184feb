{{ config(materialized='table') }}
/*
Grain    one row per survey level, period, split (total and role), group, response and measure it speaks of
Measure  value: the answer to the measure on 0 to 100, beside nps_score, what the same response recommends
Nulls    none: responses that do not count for the recommendation, or weigh nothing, are absent
*/
with

recommendations as (

    select * from {{ ref('int_nps__counted_responses') }}

),

answers as (

    select *
    from {{ ref('int_metrics__counted_answers') }}
    where
        kind = 'measure'
        and is_relevant

),

groups as (

    select
        period_key,
        response_id,
        weight,
        case split when 'account' then 'total' else split end as split,
        case split when 'account' then 'total' else group_id end as group_id
    from {{ ref('int_metrics__responses_by_group') }}
    where
        split in ('account', 'role')
        and weight > 0

),

responses as (

    select * from {{ ref('int_responses__resolved') }}

)

select
    recommendations.level,
    recommendations.period_key,
    groups.split,
    groups.group_id,
    recommendations.response_id,
    answers.subject as measure,
    groups.weight,
    responses.counted_account_id,
    cast(responses.nps_score as {{ type_double() }}) as nps_score,
    answers.value
from recommendations
inner join answers
    on
        recommendations.level = answers.level
        and recommendations.period_key = answers.period_key
        and recommendations.response_id = answers.response_id
inner join groups
    on
        recommendations.period_key = groups.period_key
        and recommendations.response_id = groups.response_id
inner join responses on recommendations.response_id = responses.response_id
