/*
Grain    one row per subscription
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
{{ latest_version('crm_subscriptions', ['subscription_id']) }}
