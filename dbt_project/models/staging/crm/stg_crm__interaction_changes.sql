/*
Grain    one row per interaction that became another one since the last publication
Measure  what landed since the last publication: change (new, corrected, deleted), values now and, as was_, then
Nulls    before the first publication there is none; was_ columns of a new record
*/
{{ landed_changes(
    source('raw', 'crm_interactions'),
    ['interaction_id'],
    [
        'account_id',
        'contact_id',
        'touchpoint',
        'occurred_at',
        'handled_by_team',
        'journey_id',
    ]
) }},

contact_keys as (

    select * from {{ source('vault', 'contact_keys') }}

)

select
    changes.interaction_id,
    changes.change,
    changes.account_id,
    changes.was_account_id,
    contact_keys.contact_key,
    was_contact_keys.contact_key as was_contact_key,
    changes.touchpoint,
    changes.was_touchpoint,
    changes.occurred_at,
    changes.was_occurred_at,
    changes.handled_by_team,
    changes.was_handled_by_team,
    changes.journey_id,
    changes.was_journey_id
from changes
left join contact_keys on changes.contact_id = contact_keys.contact_id
left join contact_keys as was_contact_keys on changes.was_contact_id = was_contact_keys.contact_id
