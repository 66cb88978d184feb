/*
An account has to survive its merges. Each cycle is named once, from its least account on.
*/
with recursive

accounts as (

    select
        landed_account_id,
        merged_into_account_id
    from {{ ref('int_accounts__merges') }}
    where is_in_cycle

),

chains as (

    select
        landed_account_id as first_account_id,
        merged_into_account_id as next_account_id,
        landed_account_id as chain
    from accounts

    union all

    select
        chains.first_account_id,
        accounts.merged_into_account_id as next_account_id,
        chains.chain || ' -> ' || accounts.landed_account_id as chain
    from chains
    inner join accounts
        on
            chains.next_account_id = accounts.landed_account_id
            and chains.first_account_id < accounts.landed_account_id

)

select
    first_account_id as account_id,
    'crm.accounts: merges run in a cycle: ' || chain || ' -> ' || first_account_id as issue
from chains
where next_account_id = first_account_id
