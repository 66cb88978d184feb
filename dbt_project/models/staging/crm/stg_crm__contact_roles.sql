/*
Grain    one row per contact, account, role and first day
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    valid_to is exclusive, null while open.
*/
{{ latest_version('crm_contact_roles', ['contact_id', 'account_id', 'role', 'valid_from'], people=true) }}
