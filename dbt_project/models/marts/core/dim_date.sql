/*
Grain    one row per calendar day, from the first recorded event to the last one or the clock
Measure  the month, quarter and year a day belongs to
Nulls    none
*/
select
    day as date_day,
    cast(date_trunc('month', day) as date) as month_start,
    cast(date_trunc('quarter', day) as date) as quarter_start,
    cast(date_trunc('year', day) as date) as year_start
from {{ ref('int_programme__dates') }}
