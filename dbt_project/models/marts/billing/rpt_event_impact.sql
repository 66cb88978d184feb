/*
Grain    one row per kind of event and quarter
Measure  how the same people answered before and after an event at their account; an association, no effect: what
         else happened to them at that time is in it as well
Nulls    the change and its interval below `impact_minimum_accounts` accounts
*/
with

pairs as (

    select * from {{ ref('int_events__answer_pairs') }}

),

summed as (

    select
        event_kind,
        period_start,
        count(*) as account_count,
        cast(sum(pair_count) as bigint) as pair_count,
        {{ stable_sum('points_change') }} / count(*) as score_change,
        {{ stable_sum('points_change * points_change') }} as squares
    from pairs
    group by
        event_kind,
        period_start

),

spread as (

    select
        *,
        account_count >= {{ var('impact_minimum_accounts') }} as is_enough,
        {{ var('z_score') }} * sqrt(
            greatest(squares - account_count * score_change * score_change, 0.0)
            / nullif(account_count - 1, 0) / account_count
        ) as half_width
    from summed

)

select
    event_kind,
    'quarter' as period_grain,
    period_start,
    {{ add_months('period_start', 3) }} as period_end,
    'association' as evidence,
    account_count,
    pair_count,
    case when is_enough then score_change end as score_change,
    case when is_enough then score_change - half_width end as ci_low,
    case when is_enough then score_change + half_width end as ci_high
from spread
