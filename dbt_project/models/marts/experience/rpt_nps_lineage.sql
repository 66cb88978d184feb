{{ scored_by_period() }}
/*
Grain    one row per survey level, period, weighting and counted response
Measure  weight: the response's share of the headline; they sum to 1. points: what it adds to the headline
Nulls    none: a response without a role in the frame weighs 0
*/
with

weights as (

    select * from {{ ref('int_nps__weights_by_response') }}

),

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

weightings as (

    {{ all_weightings() }}

),

periods as (

    select *
    from {{ ref('int_periods_to_score') }}
    where is_touched

),

weighed as (

    select
        weights.level,
        weights.period_key,
        weightings.weighting,
        weights.response_id,
        responses.nps_value,
        {{ of_weighting('weights', 'weight') }} as weight
    from weights
    cross join weightings
    inner join responses on weights.response_id = responses.response_id

)

select
    weighed.level,
    periods.period_grain,
    periods.period_start,
    periods.period_end,
    weighed.weighting,
    weighed.response_id,
    weighed.weight,
    cast(weighed.nps_value as bigint) as y,
    100.0 * weighed.weight * weighed.nps_value as points
from weighed
inner join periods on weighed.period_key = periods.period_key
