{{ scored_by_period() }}
/*
Grain    one row per survey level, period, weighting, attribution rule and team with a share in a counted response
Measure  contribution: points of the headline the team answers for; over all teams they add up to the headline
Nulls    figures of suppressed teams and of teams without weight; shrunk_score with fewer than two teams to compare
*/
with

teams as (

    select * from {{ ref('int_attribution__sums_by_team') }}

),

shrunk_scores as (

    select * from {{ ref('int_attribution__shrunk_scores') }}

),

periods as (

    select *
    from {{ ref('int_periods_to_score') }}
    where is_touched

),

judged as (

    select
        teams.*,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        shrunk_scores.shrunk_score,
        {{ suppressed_reason(
            'teams.weighing_count', 'teams.weighing_account_count', 'teams.max_weight_share'
        ) }} as own_reason
    from teams
    inner join periods on teams.period_key = periods.period_key
    left join shrunk_scores
        on
            teams.level = shrunk_scores.level
            and teams.period_key = shrunk_scores.period_key
            and teams.weighting = shrunk_scores.weighting
            and teams.attribution_rule = shrunk_scores.attribution_rule
            and teams.team_id = shrunk_scores.team_id

),

shown as (

    {{ with_complement(
        'judged', ['level', 'period_key', 'weighting', 'attribution_rule'], 'team_id', 'weighing_count'
    ) }}

)

select
    level,
    period_grain,
    period_start,
    period_end,
    weighting,
    attribution_rule,
    team_id,
    weight_share,
    {{ unless_suppressed('100.0 * contribution_share') }} as contribution,
    {{ unless_suppressed('100.0 * team_score') }} as team_score,
    {{ unless_suppressed('100.0 * shrunk_score') }} as shrunk_score,
    {{ unless_suppressed(nps_interval('-', 'promoter_share', 'detractor_share', 'effective_n')) }} as ci_low,
    {{ unless_suppressed(nps_interval('+', 'promoter_share', 'detractor_share', 'effective_n')) }} as ci_high,
    response_count,
    account_count,
    suppressed_reason
from shown
