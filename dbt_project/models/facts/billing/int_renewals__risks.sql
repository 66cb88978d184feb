/*
Grain    one row per renewal
Measure  churn_probability: the share that churned of the renewals with as many warning signs whose outcome was known
         before this one was judged, drawn to the share of all by `renewal_prior` renewals; base_probability: that share
Nulls    both before the first outcome was known
*/
with

renewals as (

    select * from {{ ref('int_renewals__landmarks') }}

),

signals as (

    select
        renewal_id,
        count(*) as signal_count,
        {{ string_agg_sorted('signal', ', ', 'signal') }} as signals
    from {{ ref('int_renewals__signals') }}
    group by renewal_id

),

leveled as (

    select
        renewals.*,
        signals.signals,
        coalesce(signals.signal_count, 0) as signal_count,
        -- three levels, so that each has outcomes to learn from
        least(coalesce(signals.signal_count, 0), 2) as risk_level
    from renewals
    left join signals on renewals.renewal_id = signals.renewal_id

),

outcomes as (

    select
        renewal_on,
        risk_level,
        count(*) as outcome_count,
        sum(case when has_churned then 1 else 0 end) as churned_count
    from leveled
    where has_churned is not null
    group by
        renewal_on,
        risk_level

),

judged_days as (

    select
        judged_on,
        risk_level
    from leveled
    group by
        judged_on,
        risk_level

),

known as (

    select
        judged_days.judged_on,
        judged_days.risk_level,
        cast(sum(outcomes.outcome_count) as bigint) as outcome_count,
        cast(sum(outcomes.churned_count) as {{ type_double() }}) as churned_count,
        cast(sum(
            case when outcomes.risk_level = judged_days.risk_level then outcomes.outcome_count else 0 end
        ) as {{ type_double() }}) as level_count,
        cast(sum(
            case when outcomes.risk_level = judged_days.risk_level then outcomes.churned_count else 0 end
        ) as {{ type_double() }}) as level_churned_count
    from judged_days
    inner join outcomes on judged_days.judged_on > outcomes.renewal_on
    group by
        judged_days.judged_on,
        judged_days.risk_level

)

select
    leveled.renewal_id,
    leveled.account_id,
    leveled.renewal_on,
    leveled.judged_on,
    leveled.has_churned,
    leveled.signals,
    leveled.risk_level,
    coalesce(known.outcome_count, 0) as outcome_count,
    known.churned_count / known.outcome_count as base_probability,
    (known.level_churned_count + {{ var('renewal_prior') }} * known.churned_count / known.outcome_count)
    / (known.level_count + {{ var('renewal_prior') }}) as churn_probability
from leveled
left join known
    on
        leveled.judged_on = known.judged_on
        and leveled.risk_level = known.risk_level
