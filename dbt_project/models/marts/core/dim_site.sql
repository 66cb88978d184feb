/*
Grain    one row per site, and the member `unknown`
Measure  where the account works
Nulls    as the source left them
*/
with

sites as (

    select * from {{ ref('stg_crm__sites') }}

),

merged as (

    select * from {{ ref('int_accounts__merges') }}

)

select
    sites.site_id,
    coalesce(merged.surviving_account_id, 'unknown') as account_id,
    sites.site_name,
    sites.country,
    sites.time_zone
from sites
left join merged on sites.account_id = merged.landed_account_id

union all

select
    'unknown' as site_id,
    'unknown' as account_id,
    'Unknown site' as site_name,
    cast(null as varchar) as country,
    cast(null as varchar) as time_zone
