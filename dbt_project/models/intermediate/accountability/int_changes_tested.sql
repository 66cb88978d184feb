{{ maintained(unit='period_key', outdated='int_change_periods_outdated') }}
{%- set keys = ['level', 'period_key', 'weighting', 'split', 'attribution_rule', 'group_id'] %}
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

    select *
    from {{ ref('int_groups_compared') }}
    where
        weight_share > 0
        and previous_weight_share > 0
        and {{ only_outdated('period_key') }}

),

sums as (

    select * from {{ ref('int_group_accounts_summed') }}

),

residuals as (

    {% for side, sign in [
        (['period_key', 'score', 'weight_share'], 1), (['previous_period_key', 'previous_score', 'previous_weight_share'], -1)
    ] -%}
    select
        {%- for key in keys %}
        compared.{{ key }},
        {%- endfor %}
        compared.score - compared.previous_score as score_change,
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
        {{ keys | join(',\n        ') }},
        score_change,
        counted_account_id,
        {{ stable_sum('residual') }} as residual
    from residuals
    where weight > 0
    group by
        {{ keys | join(',\n        ') }},
        score_change,
        counted_account_id

),

spreads as (

    select
        {{ keys | join(',\n        ') }},
        score_change,
        cast(count(*) as bigint) as account_count,
        -- fixed point would cut the squares of small residuals short
        {{ stable_sum('1e12 * residual * residual') }} / 1e12
        - power({{ stable_sum('residual') }}, 2) / count(*) as spread
    from clusters
    group by
        {{ keys | join(',\n        ') }},
        score_change

),

tests as (

    select
        *,
        account_count - 1 as degrees,
        case
            when
                account_count >= {{ var('change_minimum_accounts') }}
                and spread > power({{ var('tolerance') }}, 2)
                then score_change / sqrt(account_count / (account_count - 1.0) * spread)
        end as t_statistic
    from spreads

),

numbers as (

    -- the terms of a series are half as many as its accounts
    select cast(row_number() over (order by counted_account_id) - 1 as {{ type_double() }}) as number
    from clusters
    group by counted_account_id

)

{{ with_p_values('tests', keys, 'numbers') }}
