{{ config(materialized='table') }}
/*
Grain    one row per surviving account
Measure  the account as it is now, with its place in the hierarchy of accounts after merges
Nulls    type, segment and region left empty are the group `unknown`; value left empty stays null
*/
with recursive

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

merged as (

    select * from {{ ref('int_accounts__merges') }}

),

survivors as (

    select
        accounts.*,
        case
            when parents.surviving_account_id not in ('unknown', accounts.account_id) then parents.surviving_account_id
        end as surviving_parent_id
    from accounts
    inner join merged
        on
            accounts.account_id = merged.surviving_account_id
            and accounts.account_id = merged.landed_account_id
    left join merged as parents on accounts.parent_account_id = parents.landed_account_id

),

parents as (

    select count(*) as parent_count
    from survivors
    where surviving_parent_id is not null

),

ancestors as (

    select
        account_id,
        account_id as ancestor_id,
        surviving_parent_id as next_id,
        0 as hierarchy_depth
    from survivors

    union all

    select
        ancestors.account_id,
        survivors.account_id as ancestor_id,
        survivors.surviving_parent_id as next_id,
        ancestors.hierarchy_depth + 1 as hierarchy_depth
    from ancestors
    inner join survivors on ancestors.next_id = survivors.account_id
    cross join parents
    where ancestors.hierarchy_depth < parents.parent_count

),

roots as (

    select
        account_id,
        ancestor_id,
        hierarchy_depth
    from ancestors
    where next_id is null

)

select
    survivors.account_id,
    survivors.account_name,
    survivors.surviving_parent_id as parent_account_id,
    -- parents that run in a cycle have no root: each account is its own
    coalesce(roots.ancestor_id, survivors.account_id) as ultimate_parent_account_id,
    coalesce(roots.hierarchy_depth, 0) as hierarchy_depth,
    coalesce(survivors.account_type, 'unknown') as account_type,
    coalesce(survivors.segment, 'unknown') as segment,
    survivors.industry,
    coalesce(survivors.region, 'unknown') as region,
    survivors.country,
    survivors.time_zone,
    survivors.currency,
    survivors.annual_value,
    survivors.customer_since,
    survivors.status,
    survivors.renewal_on,
    survivors.churned_on
from survivors
left join roots on survivors.account_id = roots.account_id
