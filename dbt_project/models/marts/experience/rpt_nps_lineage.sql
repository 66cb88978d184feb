/*
Grain    one row per survey level, period, weighting and counted response
Measure  weight: the response's share of the headline; they sum to 1. points: what it adds to the headline
Nulls    none: a response without a role in the frame weighs 0
*/
with

responses as (

    select * from {{ ref('int_nps_responses_weighed') }}

),

periods as (

    select * from {{ ref('int_periods_listed') }}

)

select
    responses.level,
    periods.period_grain,
    periods.period_start,
    periods.period_end,
    responses.weighting,
    responses.response_id,
    responses.weight,
    cast(responses.nps_value as bigint) as y,
    100.0 * responses.weight * responses.nps_value as points
from responses
inner join periods on responses.period_key = periods.period_key
