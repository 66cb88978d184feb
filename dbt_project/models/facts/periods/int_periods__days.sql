/*
Grain    one row per period and day of it on which anything may have happened
Measure  periods by day, so that millions of rows meet theirs by equality and need not be sorted for a range
Nulls    none
*/
with

periods as (

    select * from {{ ref('int_periods__listed') }}

),

dates as (

    select * from {{ ref('int_programme__dates') }}

)

select
    periods.period_key,
    periods.period_start,
    dates.day
from periods
inner join dates on periods.period_start <= dates.day and periods.period_end > dates.day
