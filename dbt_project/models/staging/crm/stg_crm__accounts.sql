/*
Grain    one row per account
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    deleted accounts stay, flagged: a merge is followed through them. A time zone left empty is UTC.
*/
with

versions as (

    select
        *,
        {{ version_rank(['account_id']) }} as version_rank
    from {{ source('raw', 'crm_accounts') }}

)

select
    account_id,
    account_name,
    parent_account_id,
    account_type,
    segment,
    industry,
    region,
    country,
    coalesce(time_zone, 'UTC') as time_zone,
    currency,
    annual_value,
    customer_since,
    status,
    renewal_on,
    churned_on,
    merged_into_account_id,
    coalesce(is_deleted, false) as is_deleted,
    updated_at
from versions
where version_rank = 1
