/*
Grain    one row per account
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    deleted accounts stay, flagged: a merge is followed through them. A time zone left empty is UTC.
*/
{{ latest_version('crm_accounts', ['account_id'], defaults={'time_zone': "'UTC'"}, merge='merged_into_account_id') }}
