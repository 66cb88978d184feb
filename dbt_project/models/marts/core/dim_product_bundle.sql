/*
Grain    one row per set of products an account holds, in whatever order they were bought, and the member `unknown`
Measure  how many products are in it, how many accounts hold just these
Nulls    none
*/
with

bundles as (

    select * from {{ ref('int_accounts__bundles') }}

)

select
    bundle_id,
    min(bundle_name) as bundle_name,
    min(product_count) as product_count,
    count(*) as account_count
from bundles
group by bundle_id

union all

select
    'unknown' as bundle_id,
    'No product held' as bundle_name,
    0 as product_count,
    0 as account_count
