/*
Grain    one row per survey level, period, weighting, split, attribution rule and group with weight in the period and
         in the one before it
Measure  p_value: how often chance alone makes the group's score differ as much, up or down. Accounts are the clusters,
         over both periods: the same clients answer again, and colleagues answer alike
Nulls    t_statistic and p_value are null with too few accounts, and where no answer differs from its score;
         attribution_rule is `none` but for teams
*/
with

compared as (

    select
        *,
        score - previous_score as score_change,
        -- millions of rows are grouped by this one number instead of six texts
        row_number() over (
            order by level, period_key, weighting, split, attribution_rule, group_id
        ) as test_number
    from {{ ref('int_comparison__groups') }}
    where
        weight_share > 0
        and previous_weight_share > 0

),

sums as (

    select * from {{ ref('int_comparison__sums_by_account') }}

),

residuals as (

    {% for side, sign in [
        (['period_key', 'score', 'weight_share'], 1), (['previous_period_key', 'previous_score', 'previous_weight_share'], -1)
    ] -%}
    select
        compared.test_number,
        sums.counted_account_id,
        {{ of_weighting('sums', 'weight', of='compared') }} as weight,
        {{ sign }} * (
            {{ of_weighting('sums', 'net_weight', of='compared') }}
            - compared.{{ side[1] }} * {{ of_weighting('sums', 'weight', of='compared') }}
        ) / compared.{{ side[2] }} as residual
    from compared
    inner join sums
        on
            compared.level = sums.level
            and compared.{{ side[0] }} = sums.period_key
            and compared.split = sums.split
            and compared.attribution_rule = sums.attribution_rule
            and compared.group_id = sums.group_id

    {{ 'union all' if not loop.last }}

    {% endfor -%}
),

clusters as (

    select
        test_number,
        counted_account_id,
        {{ stable_sum('residual') }} as residual
    from residuals
    where weight > 0
    group by
        test_number,
        counted_account_id

),

spreads as (

    select
        test_number,
        cast(count(*) as bigint) as account_count,
        -- fixed point would cut the squares of small residuals short
        {{ stable_sum('1e12 * residual * residual') }} / 1e12
        - power({{ stable_sum('residual') }}, 2) / count(*) as spread
    from clusters
    group by test_number

),

tests as (

    select
        compared.*,
        spreads.account_count,
        spreads.spread,
        spreads.account_count - 1 as degrees,
        case
            when
                spreads.account_count >= {{ var('change_minimum_accounts') }}
                and spreads.spread > power({{ var('tolerance') }}, 2)
                then
                    compared.score_change
                    / sqrt(spreads.account_count / (spreads.account_count - 1.0) * spreads.spread)
        end as t_statistic
    from compared
    inner join spreads on compared.test_number = spreads.test_number

),

numbers as (

    -- the terms of a series are half as many as its accounts
    select cast(row_number() over (order by counted_account_id) - 1 as {{ type_double() }}) as number
    from clusters
    group by counted_account_id

)

select
    level,
    period_key,
    weighting,
    split,
    attribution_rule,
    group_id,
    score_change,
    account_count,
    spread,
    degrees,
    t_statistic,
    p_value
from (
    {{ with_p_values('tests', ['test_number'], 'numbers') }}
) as tested
