/*
Grain    one row per account and distinct landed version
Measure  owner_key: the keyed name of the person who owned the account in that version
Nulls    versions without an owner are absent
*/
with

versions as (

    select * from {{ source('vault', 'crm_accounts') }}

),

owner_keys as (

    select * from {{ source('vault', 'owner_keys') }}

)

select distinct
    versions.account_id,
    versions._record_hash,
    owner_keys.owner_key
from versions
inner join owner_keys on versions.owner_email = owner_keys.owner_email
