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

-- `union` drops what was reached before, so that parents in a circle come to an end
ancestors as (

    select
        account_id,
        account_id as ancestor_id,
        surviving_parent_id as next_id
    from survivors

    union

    select
        ancestors.account_id,
        survivors.account_id as ancestor_id,
        survivors.surviving_parent_id as next_id
    from ancestors
    inner join survivors on ancestors.next_id = survivors.account_id

),

circles as (

    select account_id
    from ancestors
    where next_id = account_id
    group by account_id

),

-- the way up of each account, as far as a circle
steps as (

    select
        ancestors.account_id,
        ancestors.ancestor_id,
        coalesce(next_circles.account_id, case when ancestors.next_id is null then ancestors.ancestor_id end) as root_id
    from ancestors
    left join circles on ancestors.ancestor_id = circles.account_id
    left join circles as next_circles on ancestors.next_id = next_circles.account_id
    where circles.account_id is null

),

roots as (

    select
        account_id,
        max(root_id) as ancestor_id,
        -- a root without a circle is a step itself
        count(*) - max(case when root_id = ancestor_id then 1 else 0 end) as hierarchy_depth
    from steps
    group by account_id

)

select
    survivors.account_id,
    survivors.account_name,
    survivors.surviving_parent_id as parent_account_id,
    -- the accounts of a circle are each their own root
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
    survivors.churned_on,
    coalesce(survivors.parent_account_id = survivors.account_id, false)
    or circles.account_id is not null as is_parent_cycle
from survivors
left join roots on survivors.account_id = roots.account_id
left join circles on survivors.account_id = circles.account_id
