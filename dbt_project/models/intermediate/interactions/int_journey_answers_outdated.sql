/*
Grain    one row per response that may be about other journey instances, or say something else, since the last
         publication
Measure  responses that may count otherwise or whose answers do, and those that name an interaction or a journey that
         changed
Nulls    none; a response that was deleted is here as well
*/
with

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

)

select response_id from {{ ref('int_responses_outdated') }}

union

select response_id
from responses
where interaction_id in ({{ changed('int_interactions_resolved', 'interaction_id') }})

union

select response_id
from responses
where journey_id in ({{ changed('int_interactions_resolved', 'journey_id') }})
