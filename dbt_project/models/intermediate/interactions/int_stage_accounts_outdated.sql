/*
Grain    one row per account whose answers about stages may add up otherwise since the last publication
Measure  accounts with an answer that is placed otherwise, or on a day that periods gained or lost
Nulls    none
*/
with

answers as (

    select * from {{ ref('int_stage_answers_placed') }}

),

days as (

    select
        first_day,
        last_day
    from ({{ changed_days('int_period_days_listed', 'period_key') }}) as changed_periods
    group by
        first_day,
        last_day

)

{{ changed('int_stage_answers_placed', 'counted_account_id') }}

union

select answers.counted_account_id
from answers
inner join days
    on
        answers.entered_on >= days.first_day
        and answers.entered_on <= days.last_day
