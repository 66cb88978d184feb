/*
Grain    one row per period grain and period, from the first response to the one that holds the clock
Measure  period_start inclusive, period_end exclusive, both UTC days
Nulls    none
*/
with

dates as (

    select * from {{ ref('int_dates_listed') }}

),

bounds as (

    select
        min(responses.submitted_at) as first_submitted_at,
        min(clock.as_of) as as_of
    from {{ ref('stg_survey__responses') }} as responses
    cross join {{ source('raw', 'clock') }} as clock

),

months as (

    select
        cast(date_trunc('month', dates.day) as date) as month_start,
        cast(date_trunc('quarter', dates.day) as date) as quarter_start
    from dates
    cross join bounds
    where
        date_trunc('month', dates.day) >= date_trunc('month', bounds.first_submitted_at)
        and dates.day <= {{ day_of('bounds.as_of') }}
    group by
        date_trunc('month', dates.day),
        date_trunc('quarter', dates.day)

),

periods as (

    select
        'month' as period_grain,
        month_start as period_start,
        {{ add_months('month_start', 1) }} as period_end
    from months

    union all

    select
        'quarter' as period_grain,
        quarter_start as period_start,
        {{ add_months('quarter_start', 3) }} as period_end
    from months
    group by quarter_start

    union all

    select
        'trailing_year' as period_grain,
        {{ add_days(add_months('month_start', 1), '-' ~ var('trailing_year_days')) }} as period_start,
        {{ add_months('month_start', 1) }} as period_end
    from months

)

select
    period_grain || ' ' || cast(period_start as varchar) as period_key,
    period_grain,
    period_start,
    period_end
from periods
