/*
Grain    one row per landed account whose records may belong elsewhere, or to others, since the last publication
Measure  accounts that were merged, accounts that changed, and accounts of a type whose owners changed
Nulls    none
*/
with

merged as (

    select * from {{ ref('int_accounts_merged') }}

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

)

{{ changed('int_accounts_merged', 'landed_account_id') }}

union

select landed_account_id
from merged
where surviving_account_id in ({{ changed('int_accounts_resolved', 'account_id') }})

union

select merged.landed_account_id
from merged
inner join accounts on merged.surviving_account_id = accounts.account_id
where accounts.account_type in ({{ changed('int_touchpoint_owners_resolved', 'account_type') }})
