{{ scored_by_period() }}
/*
Grain    one row per period, journey, stage, split and group with a visit entered in the period
Measure  how long visits took, how many ran over their target or came back, and what those who passed said
Nulls    hours without a finished visit; over_target_share without a target; scores without answers or suppressed
*/
with

sums as (

    select * from {{ ref('int_stages__sums_by_group') }}

),

scores as (

    select * from {{ ref('int_stages__scores_by_group') }}

),

periods as (

    select *
    from {{ ref('int_periods_to_score') }}
    where is_touched

)

select
    periods.period_grain,
    periods.period_start,
    periods.period_end,
    sums.journey,
    sums.stage,
    sums.split,
    sums.group_id,
    sums.visits,
    sums.median_hours,
    sums.p90_hours,
    sums.over_target_share,
    sums.reentry_share,
    nps.score as nps,
    coalesce(nps.response_count, 0) as nps_response_count,
    nps.suppressed_reason as nps_suppressed_reason,
    csat.score as csat,
    coalesce(csat.response_count, 0) as csat_response_count,
    csat.suppressed_reason as csat_suppressed_reason
from sums
inner join periods on sums.period_key = periods.period_key
{% for metric in ('nps', 'csat') -%}
left join scores as {{ metric }}
    on
        {{ same('sums', metric, ['period_key', 'journey', 'stage', 'split', 'group_id']) }}
        and {{ metric }}.metric = '{{ metric }}'
{% endfor %}
