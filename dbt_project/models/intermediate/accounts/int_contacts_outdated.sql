/*
Grain    one row per contact who came, went or changed a role since the last publication
Measure  contacts as they were and as they are
Nulls    none
*/
{{ changed('stg_crm__contacts', 'contact_key') }}

union

{{ changed('int_contact_roles_merged', 'contact_key') }}

union

{{ changed('int_contact_roles_weighed', 'contact_key') }}
