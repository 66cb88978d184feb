/*
Grain    one row per notice
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
{{ latest_version('billing_notices', ['notice_id'], happened='sent_at', without=['subject', 'body'], people=true) }}
