{%- set splits = columns_of(account_attributes()) -%}
{%- set keys = ['period_key', 'journey', 'stage', 'split', 'group_id'] -%}
/*
Grain    one row per period, journey, stage, split and group with a visit entered in the period
Measure  how long visits took (the median and the ninetieth percentile of hours), how many ran over their target or came
         back
Nulls    hours without a finished visit; over_target_share without a target

Visits of a bin are put in order only where they did not all take as long.
*/
with

bins as (

    select * from {{ ref('int_stages__duration_bins') }}

),

sought as (

    select * from {{ ref('int_stages__percentile_bins') }}

),

visits as (

    select * from {{ ref('int_journeys__stage_visit_durations') }}

),

accounts as (

    select * from {{ ref('int_accounts__groups') }}

),

period_days as (

    select * from {{ ref('int_periods__days_to_score') }}

),

sums as (

    select
        {{ keys | join(', ') }},
        cast(sum(visits) as bigint) as visits,
        sum(over_target) / cast(nullif(sum(targeted), 0) as {{ type_double() }}) as over_target_share,
        sum(reentries) / cast(sum(visits) as {{ type_double() }}) as reentry_share
    from bins
    group by {{ keys | join(', ') }}

),

in_order as (

    select
        sought.{{ keys | join(', sought.') }},
        sought.percentile,
        sought.sought_rank,
        visits.duration_seconds,
        sought.finished_sooner - 1 + row_number() over (
            partition by sought.{{ keys | join(', sought.') }}, sought.percentile, sought.duration_bin
            order by visits.duration_seconds
        ) as duration_rank
    from visits
    left join accounts on visits.account_id = accounts.account_id
    inner join period_days on visits.entered_on = period_days.day
    inner join sought
        on
            {{ same('visits', 'sought', ['journey', 'stage']) }}
            and {{ duration_bin('visits.duration_seconds') }} = sought.duration_bin
            and period_days.period_key = sought.period_key
            and sought.group_id
            = case sought.split
                when 'total' then 'total'
                {% for split, column in splits.items() -%}
                when '{{ split }}' then coalesce(accounts.{{ column }}, 'unknown')
                {% endfor -%}
            end
    where sought.shortest_seconds < sought.longest_seconds

),

found as (

    select
        {{ keys | join(', ') }},
        percentile,
        sought_rank,
        shortest_seconds as duration_seconds
    from sought
    where shortest_seconds = longest_seconds

    union all

    select
        {{ keys | join(', ') }},
        percentile,
        sought_rank,
        duration_seconds
    from in_order
    where
        duration_rank >= floor(sought_rank)
        and duration_rank <= ceil(sought_rank)

),

percentiles as (

    select
        {{ keys | join(', ') }},
        percentile,
        (
            min(duration_seconds)
            + (max(duration_seconds) - min(duration_seconds)) * (sought_rank - floor(sought_rank))
        ) / 3600.0 as hours
    from found
    group by {{ keys | join(', ') }}, percentile, sought_rank

)

select
    sums.{{ keys | join(', sums.') }},
    sums.visits,
    max(case when percentiles.percentile = 'median_hours' then percentiles.hours end) as median_hours,
    max(case when percentiles.percentile = 'p90_hours' then percentiles.hours end) as p90_hours,
    sums.over_target_share,
    sums.reentry_share
from sums
left join percentiles on {{ same('sums', 'percentiles', keys) }}
group by sums.{{ keys | join(', sums.') }}, sums.visits, sums.over_target_share, sums.reentry_share
