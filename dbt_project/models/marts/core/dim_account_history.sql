/*
Grain    one row per surviving account and spell between two landed versions
Measure  type, segment, region, value, status and owner as the source saw them then
Nulls    valid_to for the version in force; owner_key without an owner
*/
with

versions as (

    select * from {{ ref('stg_crm__account_versions') }}

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

)

select
    versions.account_id,
    versions.valid_from,
    versions.valid_to,
    coalesce(versions.account_type, 'unknown') as account_type,
    coalesce(versions.segment, 'unknown') as segment,
    coalesce(versions.region, 'unknown') as region,
    versions.annual_value,
    versions.status,
    versions.owner_key
from versions
inner join accounts on versions.account_id = accounts.account_id
where not versions.is_deleted
