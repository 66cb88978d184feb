/*
Grain    one row per period and team that answers for a part of a response of the period, or followed one up
Measure  hours from the client's answer to each step of the clock, and detractors nobody took up in time
Nulls    hours of a step that no response has reached
*/
with

deliveries as (

    select
        *,
        {{ day_of('answered_at') }} as answered_on
    from {{ ref('fct_feedback_delivery') }}

),

period_days as (

    select * from {{ ref('int_periods__days') }}

),

periods as (

    select * from {{ ref('int_periods__listed') }}

),

sums as (

    select
        period_days.period_key,
        deliveries.team_id,
        count(*) as response_count,
        {% for step in feedback_steps() -%}
        {{ percentiles('deliveries.' ~ step ~ '_hours', [0.5, 0.95]) }} as {{ step }},
        {% endfor -%}
        sum(case when deliveries.is_follow_up_due then 1 else 0 end) as due_count,
        sum(case when deliveries.is_late then 1 else 0 end) as breach_count,
        sum(case when deliveries.is_overdue then 1 else 0 end) as overdue_count
    from deliveries
    inner join period_days on deliveries.answered_on = period_days.day
    group by
        period_days.period_key,
        deliveries.team_id

)

select
    periods.period_grain,
    periods.period_start,
    periods.period_end,
    sums.team_id,
    sums.response_count,
    {% for step in feedback_steps() -%}
    {{ list_item('sums.' ~ step, 1) }} as {{ step }}_p50_hours,
    {{ list_item('sums.' ~ step, 2) }} as {{ step }}_p95_hours,
    {% endfor -%}
    cast(sums.due_count as bigint) as due_count,
    cast(sums.breach_count as bigint) as breach_count,
    cast(sums.overdue_count as bigint) as overdue_count
from sums
inner join periods on sums.period_key = periods.period_key
