/*
Grain    one row per response whose parts may belong to other teams since the last publication
Measure  responses that changed, and those that ask about an interaction, a journey or days in which something changed
Nulls    none; a response that was deleted is here as well
*/
with

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

),

changed_accounts as (

    {{ changed_days('int_interactions_resolved', 'counted_account_id') }}

),

changed_contacts as (

    {{ changed_days('int_interactions_resolved', 'contact_key') }}

)

select response_id from {{ ref('int_responses_outdated') }}

union

select response_id
from responses
where interaction_id in ({{ changed('int_interactions_resolved', 'interaction_id') }})

union

select responses.response_id
from responses
inner join changed_accounts
    on
        responses.counted_account_id = changed_accounts.counted_account_id
        and responses.submitted_on >= changed_accounts.first_day
where
    -- a journey is looked at as far back as it goes
    responses.level = 'experience'
    or responses.submitted_on <= {{ add_days('changed_accounts.last_day', var('attribution_days') + 1) }}

union

select responses.response_id
from responses
inner join changed_contacts
    on
        responses.contact_key = changed_contacts.contact_key
        and responses.submitted_on >= changed_contacts.first_day
        and responses.submitted_on <= {{ add_days('changed_contacts.last_day', var('attribution_days') + 1) }}
