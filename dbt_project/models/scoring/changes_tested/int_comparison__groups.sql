/*
Grain    one row per survey level, period, weighting, split (total, role, segment, team), attribution rule and group
         with weight in the period or the one before it
Measure  the part of the headline's weight and the score of the group, now and before
Nulls    a score is null, and its weight 0, where the group has no weight. attribution_rule is `none` but for
         teams. Absent where either period has no weight at all
*/
with

pairs as (

    select *
    from {{ ref('int_periods_to_score') }}
    where is_touched and previous_period_key is not null

),

groups as (

    select
        level,
        period_key,
        weighting,
        split,
        'none' as attribution_rule,
        group_id,
        weight_share,
        promoter_share - detractor_share as score
    from {{ ref('int_nps__scores_by_group') }}
    where
        split in ('total', 'role', 'segment')
        and weight_share > 0

    union all

    select
        level,
        period_key,
        weighting,
        'team' as split,
        attribution_rule,
        team_id as group_id,
        weight_share,
        team_score as score
    from {{ ref('int_attribution__sums_by_team') }}
    where weight_share > 0

),

sides as (

    select
        groups.*,
        pairs.period_key as compared_period_key,
        pairs.previous_period_key,
        groups.weight_share as weight_now,
        groups.score as score_now,
        cast(0 as {{ type_double() }}) as weight_before,
        cast(null as {{ type_double() }}) as score_before
    from groups
    inner join pairs on groups.period_key = pairs.period_key

    union all

    select
        groups.*,
        pairs.period_key as compared_period_key,
        pairs.previous_period_key,
        cast(0 as {{ type_double() }}) as weight_now,
        cast(null as {{ type_double() }}) as score_now,
        groups.weight_share as weight_before,
        groups.score as score_before
    from groups
    inner join pairs on groups.period_key = pairs.previous_period_key

),

compared as (

    select
        level,
        compared_period_key as period_key,
        previous_period_key,
        weighting,
        split,
        attribution_rule,
        group_id,
        max(weight_now) as weight_share,
        max(score_now) as score,
        max(weight_before) as previous_weight_share,
        max(score_before) as previous_score
    from sides
    group by
        level,
        compared_period_key,
        previous_period_key,
        weighting,
        split,
        attribution_rule,
        group_id

)

select compared.*
from compared
inner join compared as totals
    on
        compared.level = totals.level
        and compared.period_key = totals.period_key
        and compared.weighting = totals.weighting
        and totals.split = 'total'
where
    totals.weight_share > 0
    and totals.previous_weight_share > 0
