{{ scored_by_period() }}
/*
Grain    one row per survey level, period, measure, split and group with a counted response
Measure  the mean on 0 to 100, its interval, the share of the two best answers, and how much of the recommendation goes
         with the measure (importance)
Nulls    figures of suppressed groups and of groups without weight; the interval where all say the same, or too few
         say it to have one; importance where importance_reason says why
*/
with

scores as (

    select *
    from {{ ref('int_metrics__sums_by_group') }}
    where kind = 'measure'

),

periods as (

    select *
    from {{ ref('int_periods_to_score') }}
    where is_touched

),

importances as (

    select * from {{ ref('int_importance__estimates') }}

),

judged as (

    select
        scores.*,
        importances.importance,
        importances.importance_share,
        importances.importance_ci_low,
        importances.importance_ci_high,
        case
            when scores.split not in ('total', 'role') then 'other_split'
            when importances.level is null then 'few_responses'
            else importances.importance_reason
        end as own_importance_reason,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        scores.weight as weight_share,
        {{ suppressed_reason(
            'scores.weighing_count', 'scores.weighing_account_count', 'scores.max_weight_share',
            is_exempt_from_accounts="scores.split in ('total', 'account')"
        ) }} as own_reason
    from scores
    inner join periods on scores.period_key = periods.period_key
    left join importances
        on
            scores.level = importances.level
            and scores.period_key = importances.period_key
            and scores.split = importances.split
            and scores.group_id = importances.group_id
            and scores.subject = importances.measure

),

shown as (

    {{ with_complement(
        'judged', ['level', 'period_key', 'subject', 'split'], 'group_id', 'weighing_count',
        exempt="(split = 'account')"
    ) }}

)

select
    level,
    period_grain,
    period_start,
    period_end,
    subject as measure,
    split,
    group_id,
    {{ unless_suppressed('value') }} as mean,
    {{ unless_suppressed('top_two_share') }} as top_two_share,
    {{ unless_suppressed(mean_interval('-', 'value', 'deviation', 'effective_n')) }} as ci_low,
    {{ unless_suppressed(mean_interval('+', 'value', 'deviation', 'effective_n')) }} as ci_high,
    {{ unless_suppressed('importance') }} as importance,
    {{ unless_suppressed('importance_ci_low') }} as importance_ci_low,
    {{ unless_suppressed('importance_ci_high') }} as importance_ci_high,
    {{ unless_suppressed('importance_share') }} as importance_share,
    case when suppressed_reason is null then own_importance_reason else 'suppressed' end as importance_reason,
    response_count,
    account_count,
    irrelevant_count,
    {{ unless_suppressed('effective_n') }} as effective_n,
    suppressed_reason
from shown
