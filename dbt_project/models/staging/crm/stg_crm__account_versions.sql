/*
Grain    one row per account and landed version, later corrections of one instant left out
Measure  the account as the source saw it from valid_from up to valid_to; owner_key: the keyed name of who owned it
Nulls    valid_to is null for the version in force, owner_key without an owner
*/
with

versions as (

    select
        *,
        {{ version_rank(['account_id', 'updated_at']) }} as version_rank
    from {{ source('raw', 'crm_accounts') }}

),

owners as (

    -- one row per distinct version: who owned the account in it, as a key
    select
        vaulted.account_id,
        vaulted._record_hash,
        owner_keys.owner_key
    from {{ source('vault', 'crm_accounts') }} as vaulted
    inner join {{ source('vault', 'owner_keys') }} as owner_keys on vaulted.owner_email = owner_keys.owner_email
    group by
        vaulted.account_id,
        vaulted._record_hash,
        owner_keys.owner_key

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
