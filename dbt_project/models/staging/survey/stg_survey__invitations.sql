/*
Grain    one row per invitation
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    an empty disposition is `sent`.
*/
{{ latest_version(
    'survey_invitations', ['invitation_id'], defaults={'disposition': "'sent'"}, people=true, happened='sent_at'
) }}
