/*
Grain    one row per survey level, period, weighting, attribution rule and team
Measure  the team's part of the headline, its shares of promoters and detractors, effective n and pooled variance
Nulls    shares, score and effective_n are null for a team whose responses weigh nothing
*/
with

responses as (

    select
        responses.level,
        responses.period_key,
        responses.weighting,
        shares.attribution_rule,
        shares.team_id,
        responses.response_id,
        responses.counted_account_id,
        responses.nps_value,
        responses.weight * shares.share as weight
    from {{ ref('int_nps_responses_weighed') }} as responses
    inner join {{ ref('int_responses_attributed') }} as shares on responses.response_id = shares.response_id

),

sums as (

    select
        level,
        period_key,
        weighting,
        attribution_rule,
        team_id,
        count(*) as response_count,
        count(distinct counted_account_id) as account_count,
        {{ stable_sum('weight') }} as weight_share,
        {{ stable_sum('weight * nps_value') }} as contribution_share,
        {{ stable_sum('weight * weight') }} as squared_weight,
        {{ stable_sum('case when nps_value = 1 then weight else 0 end') }} as promoter_weight,
        {{ stable_sum('case when nps_value = -1 then weight else 0 end') }} as detractor_weight,
        max(weight) as max_weight
    from responses
    group by
        level,
        period_key,
        weighting,
        attribution_rule,
        team_id

)

select
    level,
    period_key,
    weighting,
    attribution_rule,
    team_id,
    response_count,
    account_count,
    weight_share,
    contribution_share,
    contribution_share / nullif(weight_share, 0) as team_score,
    promoter_weight / nullif(weight_share, 0) as promoter_share,
    detractor_weight / nullif(weight_share, 0) as detractor_share,
    weight_share * weight_share / nullif(squared_weight, 0) as effective_n,
    max_weight / nullif(weight_share, 0) as max_weight_share,
    -- spread of the answers around the team's own score, in shares of the whole
    greatest(
        0.0, promoter_weight + detractor_weight - contribution_share * contribution_share / nullif(weight_share, 0)
    ) as variance_share
from sums
