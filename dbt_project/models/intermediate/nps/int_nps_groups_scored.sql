/*
Grain    one row per survey level, period, weighting, split and group with a counted response
Measure  weighted shares of promoters and detractors, effective n and the counts that decide what may be shown
Nulls    shares and effective_n are null for a group whose responses weigh nothing
*/
with

responses as (

    select * from {{ ref('int_nps_responses_grouped') }}

),

sums as (

    select
        level,
        period_key,
        weighting,
        split,
        group_id,
        count(*) as response_count,
        count(distinct counted_account_id) as account_count,
        cast(sum(case when has_cell then 1 else 0 end) as {{ type_double() }}) as cell_response_count,
        {{ stable_sum('weight') }} as weight_share,
        {{ stable_sum('weight * nps_value') }} as contribution_share,
        {{ stable_sum('score_weight') }} as score_weight,
        {{ stable_sum('score_weight * score_weight') }} as squared_weight,
        {{ stable_sum('case when nps_value = 1 then score_weight else 0 end') }} as promoter_weight,
        {{ stable_sum('case when nps_value = 0 then score_weight else 0 end') }} as passive_weight,
        {{ stable_sum('case when nps_value = -1 then score_weight else 0 end') }} as detractor_weight,
        max(score_weight) as max_weight,
        {{ stable_sum('case when has_cell then response_share else 0 end') }} as cell_share,
        {{ stable_sum('case when has_cell and nps_value = 1 then response_share else 0 end') }} as promoter_cell_share,
        {{ stable_sum('case when has_cell and nps_value = -1 then response_share else 0 end') }} as detractor_cell_share
    from responses
    group by
        level,
        period_key,
        weighting,
        split,
        group_id

)

select
    level,
    period_key,
    weighting,
    split,
    group_id,
    response_count,
    account_count,
    -- of a contact one response counts
    response_count as contact_count,
    cell_response_count,
    weight_share,
    100.0 * contribution_share as contribution,
    promoter_weight / nullif(score_weight, 0) as promoter_share,
    passive_weight / nullif(score_weight, 0) as passive_share,
    detractor_weight / nullif(score_weight, 0) as detractor_share,
    score_weight * score_weight / nullif(squared_weight, 0) as effective_n,
    max_weight / nullif(score_weight, 0) as max_weight_share,
    promoter_cell_share / nullif(cell_share, 0) as base_promoter_share,
    detractor_cell_share / nullif(cell_share, 0) as base_detractor_share
from sums
