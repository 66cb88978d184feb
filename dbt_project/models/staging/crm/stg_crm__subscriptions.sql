/*
Grain    one row per subscription
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
with

versions as (

    select
        *,
        {{ version_rank(['subscription_id']) }} as version_rank
    from {{ source('raw', 'crm_subscriptions') }}

)

select
    subscription_id,
    account_id,
    site_id,
    product_id,
    started_on,
    ended_on,
    annual_value,
    renewal_on,
    updated_at
from versions
where
    version_rank = 1
    and not coalesce(is_deleted, false)
