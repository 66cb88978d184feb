{{ config(materialized='table', post_hook="{{ forget_periods() }}") }}
/*
Grain    one row per period that this build scores
Measure  is_touched: the period is not what it was when it was last scored, so its rows in the marts are replaced. The
         others are scored beside them: the period before, which a touched one is compared with, and those that hold
         the clock, which the outreach plan is made for
Nulls    previous_ columns of the first period of each grain
*/
with

fingerprints as (

    select * from {{ ref('int_periods__fingerprints') }}

),

scored as (

    select * from {{ source('memory', 'scored_periods') }}
    {% if has_to_score_all() -%}
    where 1 = 0
    {%- endif %}

),

clock as (

    select {{ day_of('as_of') }} as today from {{ source('memory', 'clock') }}

),

periods as (

    select
        fingerprints.*,
        scored.period_key is null as is_touched
    from fingerprints
    left join scored
        on
            fingerprints.period_key = scored.period_key
            and fingerprints.fingerprint = scored.fingerprint

)

select
    periods.period_key,
    periods.period_grain,
    periods.period_start,
    periods.period_end,
    periods.previous_period_key,
    periods.previous_period_start,
    periods.fingerprint,
    periods.is_touched
from periods
cross join clock
left join periods as following
    on
        periods.period_key = following.previous_period_key
        and following.is_touched
where
    periods.is_touched
    or following.period_key is not null
    or (clock.today >= periods.period_start and clock.today < periods.period_end)
