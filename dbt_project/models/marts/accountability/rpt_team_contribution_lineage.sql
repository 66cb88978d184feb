{{ scored_by_period() }}
/*
Grain    one row per survey level, period, weighting, attribution rule, counted response and team with a share in it
Measure  share of the response, its weight in the headline, and the points the team adds to the headline through it
Nulls    none
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

shares as (

    select * from {{ ref('int_responses__team_shares') }}

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
    shares.attribution_rule,
    weighed.response_id,
    shares.team_id,
    shares.share,
    weighed.weight,
    100.0 * weighed.weight * weighed.nps_value * shares.share as points
from weighed
inner join shares on weighed.response_id = shares.response_id
inner join periods on weighed.period_key = periods.period_key
