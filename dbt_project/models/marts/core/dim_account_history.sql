/*
Grain    one row per surviving account and spell between two landed versions, and the member `unknown` for all time
Measure  type, segment, region, value, status and owner as the source saw them then
Nulls    valid_to for the version in force; owner_key without an owner
*/
with

versions as (

    select * from {{ ref('stg_crm__account_versions') }}

),

accounts as (

    select * from {{ ref('int_accounts__current') }}

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

union all

select
    'unknown' as account_id,
    {{ instant_of("date '0001-01-01'") }} as valid_from,
    cast(null as {{ type_instant() }}) as valid_to,
    'unknown' as account_type,
    'unknown' as segment,
    'unknown' as region,
    cast(null as decimal(18, 2)) as annual_value,
    cast(null as varchar) as status,
    cast(null as varchar) as owner_key
