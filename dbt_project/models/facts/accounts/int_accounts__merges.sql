{{ config(materialized='table') }}
/*
Grain    one row per landed account
Measure  surviving_account_id: where its records belong after all merges, chains included
Nulls    none: `unknown` where the survivor is deleted, was never landed, or the merges run in a cycle
*/
with recursive

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

merge_counts as (

    select count(*) as merge_count
    from accounts
    where merged_into_account_id is not null

),

chains as (

    select
        account_id as landed_account_id,
        account_id,
        merged_into_account_id,
        is_deleted,
        0 as merge_depth
    from accounts

    union all

    -- no chain is longer than the number of merges, so a cycle ends as well
    select
        chains.landed_account_id,
        accounts.account_id,
        accounts.merged_into_account_id,
        accounts.is_deleted,
        chains.merge_depth + 1 as merge_depth
    from chains
    inner join accounts on chains.merged_into_account_id = accounts.account_id
    cross join merge_counts
    where chains.merge_depth < merge_counts.merge_count

),

survivors as (

    select
        landed_account_id,
        account_id
    from chains
    where merged_into_account_id is null and not is_deleted

),

cycles as (

    select landed_account_id
    from chains
    where merge_depth > 0 and account_id = landed_account_id
    group by landed_account_id

)

select
    accounts.account_id as landed_account_id,
    coalesce(survivors.account_id, 'unknown') as surviving_account_id,
    accounts.merged_into_account_id,
    cycles.landed_account_id is not null as is_in_cycle
from accounts
left join survivors on accounts.account_id = survivors.landed_account_id
left join cycles on accounts.account_id = cycles.landed_account_id
