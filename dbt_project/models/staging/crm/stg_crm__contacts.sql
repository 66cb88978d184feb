/*
Grain    one row per contact
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    an empty flag means an active contact who has not opted out. Deleted contacts stay, flagged: a merge is
         followed through them.
*/
{{ latest_version(
    'crm_contacts',
    ['contact_id'],
    defaults={'is_active': 'true', 'has_opted_out': 'false'},
    people=true,
    merge='merged_into_contact_id'
) }}
