/*
Grain    one row per survey level, period, weighting, attribution rule, counted response and team with a share in it
Measure  share of the response, its weight in the headline, and the points the team adds to the headline through it
Nulls    none
*/
with

responses as (

    select * from {{ ref('int_nps_responses_weighed') }}

),

shares as (

    select * from {{ ref('int_responses_attributed') }}

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
    shares.attribution_rule,
    responses.response_id,
    shares.team_id,
    shares.share,
    responses.weight,
    100.0 * responses.weight * responses.nps_value * shares.share as points
from responses
inner join shares on responses.response_id = shares.response_id
inner join periods on responses.period_key = periods.period_key
