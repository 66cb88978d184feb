/*
Grain    one row per response that may be placed with other visits to stages since the last publication
Measure  responses that may be about other journey instances, and those about instances or accounts that changed
Nulls    none; a response that was deleted is here as well
*/
with

answers as (

    select * from {{ ref('int_journey_answers_matched') }}

),

visits as (

    select * from {{ ref('int_stage_visits_ordered') }}

)

select response_id from {{ ref('int_journey_answers_outdated') }}

union

select response_id
from answers
where journey_instance_id in ({{ changed('int_stage_visits_ordered', 'journey_instance_id') }})

union

select response_id
from answers
where
    journey_instance_id in (
        select visits.journey_instance_id
        from visits
        where visits.account_id in ({{ changed('int_accounts_grouped', 'account_id') }})
    )
