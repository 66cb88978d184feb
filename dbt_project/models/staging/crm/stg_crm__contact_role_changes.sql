/*
Grain    one row per contact, account, role and first day that became another one since the last publication
Measure  what landed since the last publication: change (new, corrected, deleted), values now and, as was_, then
Nulls    before the first publication there is none; was_ columns of a new record
*/
{{ landed_changes(
    source('raw', 'crm_contact_roles'),
    ['contact_id', 'account_id', 'role', 'valid_from'],
    ['valid_to']
) }},

contact_keys as (

    select * from {{ source('vault', 'contact_keys') }}

)

select
    contact_keys.contact_key,
    changes.account_id,
    changes.role,
    changes.valid_from,
    changes.change,
    changes.valid_to,
    changes.was_valid_to
from changes
left join contact_keys on changes.contact_id = contact_keys.contact_id
