/*
Grain    one row per response that became another one since the last publication
Measure  what landed since the last publication: change (new, corrected, deleted), values now and, as was_, then
Nulls    before the first publication there is none; was_ columns of a new record
*/
{{ landed_changes(
    source('raw', 'survey_responses'),
    ['response_id'],
    [
        'survey_id',
        'account_id',
        'contact_id',
        'submitted_at',
        'interaction_id',
        'journey_id',
    ]
) }},

contact_keys as (

    select * from {{ source('vault', 'contact_keys') }}

)

select
    changes.response_id,
    changes.change,
    changes.survey_id,
    changes.was_survey_id,
    changes.account_id,
    changes.was_account_id,
    contact_keys.contact_key,
    was_contact_keys.contact_key as was_contact_key,
    changes.submitted_at,
    changes.was_submitted_at,
    changes.interaction_id,
    changes.was_interaction_id,
    changes.journey_id,
    changes.was_journey_id
from changes
left join contact_keys on changes.contact_id = contact_keys.contact_id
left join contact_keys as was_contact_keys on changes.was_contact_id = was_contact_keys.contact_id
