{{ config(materialized='table') }}
/*
Grain    one row per landed account
Measure  surviving_account_id: where its records belong after all merges, chains included
Nulls    none: `unknown` where the survivor is deleted, or the merges run in a cycle
*/
with recursive

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

-- `union` drops what was reached before, so that merges in a cycle come to an end
chains as (

    select
        account_id as landed_account_id,
        account_id,
        merged_into_account_id,
        is_deleted
    from accounts

    union

    select
        chains.landed_account_id,
        accounts.account_id,
        accounts.merged_into_account_id,
        accounts.is_deleted
    from chains
    inner join accounts on chains.merged_into_account_id = accounts.account_id

),

-- a merge into an account that nobody landed is not followed
survivors as (

    select
        chains.landed_account_id,
        chains.account_id
    from chains
    left join accounts on chains.merged_into_account_id = accounts.account_id
    where accounts.account_id is null and not chains.is_deleted

),

cycles as (

    select landed_account_id
    from chains
    where merged_into_account_id = landed_account_id
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
