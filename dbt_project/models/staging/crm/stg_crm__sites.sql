/*
Grain    one row per site
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
with

versions as (

    select
        *,
        {{ version_rank(['site_id']) }} as version_rank
    from {{ source('raw', 'crm_sites') }}

)

select
    site_id,
    account_id,
    site_name,
    country,
    time_zone,
    updated_at
from versions
where
    version_rank = 1
    and not coalesce(is_deleted, false)
