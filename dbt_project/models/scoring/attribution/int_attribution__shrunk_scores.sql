/*
Grain    one row per survey level, period, weighting, attribution rule and team with weight
Measure  shrunk_score: the team's score drawn to the mean of all by how little it rests on (pooled variance,
         between-team variance after DerSimonian and Laird 1986, truncated at 0)
Nulls    shrunk_score is null with fewer than two teams whose effective n is above 1
*/
with

teams as (

    select *
    from {{ ref('int_attribution__sums_by_team') }}
    where weight_share > 0

),

pools as (

    select
        level,
        period_key,
        weighting,
        attribution_rule,
        {{ stable_sum('variance_share') }} as pooled_variance,
        {{ stable_sum('contribution_share') }} as mean_score,
        {{ stable_sum('effective_n') }} as precision_sum,
        {{ stable_sum('effective_n * effective_n') }} as squared_precision_sum,
        {{ stable_sum('effective_n * team_score') }} / {{ stable_sum('effective_n') }} as fixed_mean,
        count(*) as team_count,
        sum(case when effective_n > 1.000000001 then 1 else 0 end) as solid_team_count
    from teams
    group by
        level,
        period_key,
        weighting,
        attribution_rule

),

spreads as (

    select
        pools.level,
        pools.period_key,
        pools.weighting,
        pools.attribution_rule,
        {{ stable_sum('teams.effective_n * power(teams.team_score - pools.fixed_mean, 2)') }} as weighted_spread
    from pools
    inner join teams
        on
            pools.level = teams.level
            and pools.period_key = teams.period_key
            and pools.weighting = teams.weighting
            and pools.attribution_rule = teams.attribution_rule
    group by
        pools.level,
        pools.period_key,
        pools.weighting,
        pools.attribution_rule

),

-- with V = variance / n the method of moments is homogeneous in the variance: tau2 = (spread - (k-1) variance) / C
variances as (

    select
        pools.*,
        greatest(
            0.0,
            (spreads.weighted_spread - (pools.team_count - 1) * pools.pooled_variance)
            / nullif(pools.precision_sum - pools.squared_precision_sum / pools.precision_sum, 0)
        ) as between_variance
    from pools
    inner join spreads
        on
            pools.level = spreads.level
            and pools.period_key = spreads.period_key
            and pools.weighting = spreads.weighting
            and pools.attribution_rule = spreads.attribution_rule

)

select
    teams.level,
    teams.period_key,
    teams.weighting,
    teams.attribution_rule,
    teams.team_id,
    case
        when variances.solid_team_count >= 2
            then
                teams.team_score
                + coalesce(
                    (variances.pooled_variance / teams.effective_n)
                    / nullif(variances.pooled_variance / teams.effective_n + variances.between_variance, 0),
                    0
                ) * (variances.mean_score - teams.team_score)
    end as shrunk_score
from teams
inner join variances
    on
        teams.level = variances.level
        and teams.period_key = variances.period_key
        and teams.weighting = variances.weighting
        and teams.attribution_rule = variances.attribution_rule
