{{ scored_by_period() }}
/*
Grain    one row per survey level, period, metric, split and group with a counted response
Measure  the mean of what the responses say, as asked and on 0 to 100, its interval and the share of best answers
Nulls    figures of suppressed groups and of groups without weight; mean over scales that differ; the interval where
         all say the same, or too few say it to have one
*/
with

scores as (

    select *
    from {{ ref('int_metrics__sums_by_group') }}
    where kind = 'metric'

),

periods as (

    select *
    from {{ ref('int_periods_to_score') }}
    where is_touched

),

judged as (

    select
        scores.*,
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
    subject as metric,
    split,
    group_id,
    {{ unless_suppressed('score') }} as mean,
    {{ unless_suppressed('value') }} as normalised_mean,
    {{ unless_suppressed('top_box_share') }} as top_box_share,
    {{ unless_suppressed(mean_interval('-', 'value', 'deviation', 'effective_n')) }} as ci_low,
    {{ unless_suppressed(mean_interval('+', 'value', 'deviation', 'effective_n')) }} as ci_high,
    response_count,
    account_count,
    {{ unless_suppressed('effective_n') }} as effective_n,
    suppressed_reason
from shown
