/*
Grain    one row per site
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
{{ latest_version('crm_sites', ['site_id']) }}
