/*
Grain    one row per period in which visits to stages may have changed since the last publication
Measure  periods in which a visit changed, or that hold visits of an account that counts in other groups, and those that
         have other days
Nulls    none
*/
with

visits as (

    select * from {{ ref('int_stage_visits_timed') }}

),

days as (

    select
        first_day,
        last_day
    from ({{ changed_days('int_stage_visits_timed', 'journey_instance_id') }}) as changed_visits

    union

    select
        entered_on as first_day,
        entered_on as last_day
    from visits
    where account_id in ({{ changed('int_accounts_grouped', 'account_id') }})

),

periods as (

    select * from {{ ref('int_periods_listed') }}

)

{{ changed('int_periods_listed', 'period_key') }}

union

{{ changed('int_period_days_listed', 'period_key') }}

union

{{ periods_of_days('periods', 'days') }}
