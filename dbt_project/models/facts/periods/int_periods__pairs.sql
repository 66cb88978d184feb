/*
Grain    one row per period that has a period before it
Measure  the period before of the same grain: for a trailing year the one that ends a month earlier
Nulls    none; the first period of each grain is absent
*/
with

periods as (

    select
        *,
        lag(period_key) over (partition by period_grain order by period_end) as previous_period_key,
        lag(period_start) over (partition by period_grain order by period_end) as previous_period_start
    from {{ ref('int_periods__listed') }}

)

select
    period_key,
    previous_period_key,
    previous_period_start
from periods
where previous_period_key is not null
