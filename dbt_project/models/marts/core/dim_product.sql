/*
Grain    one row per product, and the member `unknown`
Measure  what accounts buy
Nulls    product_line as the source left it
*/
select
    product_id,
    product_name,
    product_line
from {{ ref('stg_crm__products') }}

union all

select
    'unknown' as product_id,
    'Unknown product' as product_name,
    cast(null as varchar) as product_line
