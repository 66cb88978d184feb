/*
Grain    one row per level of risk, and one for `total`
Measure  how the share of clients that leave is foretold, and how that would have done on past renewals, each foretold
         from what was known before it: Brier scores (mean squared error, 0 is perfect) and calibration
Nulls    every figure but the counts where fewer outcomes are known than `renewal_minimum_outcomes`
*/
with

renewals as (

    select *
    from {{ ref('int_renewals__risks') }}
    where has_churned is not null

),

outcomes as (

    select
        cast(risk_level as varchar) as risk_level,
        case when has_churned then 1 else 0 end as churned,
        churn_probability,
        base_probability
    from renewals

    union all

    select
        'total' as risk_level,
        case when has_churned then 1 else 0 end as churned,
        churn_probability,
        base_probability
    from renewals

),

summed as (

    select
        risk_level,
        count(*) as outcome_count,
        cast(sum(churned) as bigint) as churned_count,
        count(churn_probability) as backtest_count,
        {{ stable_sum('case when churn_probability is not null then churned end') }} as backtest_churned,
        {{ stable_sum('churn_probability') }} as probability_sum,
        {{ stable_sum('power(churn_probability - churned, 2)') }} as squared_error,
        {{ stable_sum('power(base_probability - churned, 2)') }} as base_squared_error,
        (select count(*) from renewals) >= {{ var('renewal_minimum_outcomes') }} as is_enough
    from outcomes
    group by risk_level

)

select
    risk_level,
    outcome_count,
    churned_count,
    backtest_count,
    case when is_enough then cast(churned_count as {{ type_double() }}) / outcome_count end as churned_share,
    case when is_enough then backtest_churned / nullif(backtest_count, 0) end as observed_share,
    case when is_enough then probability_sum / nullif(backtest_count, 0) end as foretold_share,
    case when is_enough then squared_error / nullif(backtest_count, 0) end as brier,
    case when is_enough then base_squared_error / nullif(backtest_count, 0) end as base_brier
from summed
