/*
Grain    one row per period in which what was said about visits to stages may have changed since the last publication
Measure  periods in which an answer is placed otherwise, and those that have other days
Nulls    none
*/
with

days as (

    select
        first_day,
        last_day
    from ({{ changed_days('int_stage_answers_placed', 'response_id') }}) as changed_answers

),

periods as (

    select * from {{ ref('int_periods_listed') }}

)

{{ changed('int_periods_listed', 'period_key') }}

union

{{ changed('int_period_days_listed', 'period_key') }}

union

{{ periods_of_days('periods', 'days') }}
