/*
Grain    one row per period in which what answers say, or for whom, may have changed since the last publication
Measure  periods whose accounts came or went, and those that hold a response that changed, or whose answers, roles or
         groups did
Nulls    none
*/
with

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

),

days as (

    select
        first_day,
        last_day
    from ({{ changed_days('int_survey_responses_resolved', 'response_id') }}) as changed_responses

    union

    select
        submitted_on as first_day,
        submitted_on as last_day
    from responses
    where
        response_id in ({{ changed('int_answers_averaged', 'response_id') }})
        or response_id in ({{ changed('int_survey_responses_by_role', 'response_id') }})
        or account_id in ({{ changed('int_accounts_grouped', 'account_id') }})

),

periods as (

    select * from {{ ref('int_periods_listed') }}

)

{{ changed('int_accounts_framed', 'period_key') }}

union

{{ changed('int_nps_responses_counted', 'period_key') }}

union

{{ changed('int_periods_listed', 'period_key') }}

union

{{ periods_of_days('periods', 'days') }}
