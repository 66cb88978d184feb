/*
Grain    one row per response about journey instances, metric, journey, stage and day on which a run entered the stage
Measure  whom the answer counts for, and on which day before it a run that it is about entered the stage as well
Nulls    previous_entered_on for the first such day
*/
with

visits as (

    select * from {{ ref('int_journeys__stage_visits') }}

),

accounts as (

    select * from {{ ref('int_accounts__groups') }}

),

answers as (

    select * from {{ ref('int_journeys__answers_by_instance') }}

),

-- all runs that a response is about are of one account
passed as (

    select
        answers.response_id,
        answers.metric,
        visits.journey,
        visits.stage,
        {{ day_of('visits.entered_at') }} as entered_on,
        min(visits.account_id) as account_id,
        min(answers.counted_account_id) as counted_account_id,
        min(answers.value) as value
    from answers
    inner join visits
        on
            answers.journey_instance_id = visits.journey_instance_id
            and answers.submitted_at >= visits.entered_at
    group by
        answers.response_id,
        answers.metric,
        visits.journey,
        visits.stage,
        {{ day_of('visits.entered_at') }}

)

select
    passed.response_id,
    passed.metric,
    passed.journey,
    passed.stage,
    passed.entered_on,
    lag(passed.entered_on) over (
        partition by passed.response_id, passed.metric, passed.journey, passed.stage order by passed.entered_on
    ) as previous_entered_on,
    passed.value,
    passed.counted_account_id,
    {{ account_attributes_of('accounts') }}
from passed
left join accounts on passed.account_id = accounts.account_id
