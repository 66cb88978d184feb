/*
Grain    one row per product
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
with

versions as (

    select
        *,
        {{ version_rank(['product_id']) }} as version_rank
    from {{ source('raw', 'crm_products') }}

)

select
    product_id,
    product_name,
    product_line,
    updated_at
from versions
where
    version_rank = 1
    and not coalesce(is_deleted, false)
