/*
Grain    one row per period to score and day of it on which anything may have happened
Measure  the days of the periods to score: int_periods__days read through the list of periods
Nulls    none
*/
select
    period_key,
    period_start,
    day
from {{ ref('int_periods__days') }}
where period_key in (select periods.period_key from {{ ref('int_periods_to_score') }} as periods)
