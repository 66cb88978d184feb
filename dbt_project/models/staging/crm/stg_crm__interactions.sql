/*
Grain    one row per interaction
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    contact_key is null where no contact is recorded; an empty flag means an interaction with the client.
*/
{{ latest_version(
    'crm_interactions',
    ['interaction_id'],
    defaults={'is_internal': 'false'},
    without=['body'],
    people=true,
    happened='occurred_at'
) }}
