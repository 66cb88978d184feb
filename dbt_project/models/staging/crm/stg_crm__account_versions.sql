/*
Grain    one row per account and landed version, later corrections of one instant left out
Measure  the account as the source saw it from valid_from up to valid_to
Nulls    valid_to is null for the version in force
*/
with

versions as (

    select
        *,
        {{ version_rank(['account_id', 'updated_at']) }} as version_rank
    from {{ source('raw', 'crm_accounts') }}

),

owners as (

    select * from {{ ref('stg_crm__account_owners') }}

)

select
    versions.account_id,
    versions.account_type,
    versions.segment,
    versions.region,
    versions.annual_value,
    versions.status,
    versions.renewal_on,
    owners.owner_key,
    coalesce(versions.is_deleted, false) as is_deleted,
    versions.updated_at as valid_from,
    lead(versions.updated_at) over (
        partition by versions.account_id
        order by versions.updated_at
    ) as valid_to
from versions
left join owners
    on
        versions.account_id = owners.account_id
        and versions._record_hash = owners._record_hash
where versions.version_rank = 1
