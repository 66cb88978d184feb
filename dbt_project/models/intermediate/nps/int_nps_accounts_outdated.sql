/*
Grain    one row per account whose place in the frame may have changed since the last publication
Measure  accounts that changed, those whose people came, went or changed a role, and those of a type whose roles weigh
         otherwise
Nulls    none
*/
with

contact_roles as (

    select * from {{ ref('int_contact_roles_merged') }}

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

)

{{ changed('int_accounts_resolved', 'account_id') }}

union

{{ changed('int_contact_roles_merged', 'account_id') }}

union

-- whoever gained or lost a place elsewhere no longer has, or now has, this one alone
select account_id
from contact_roles
where contact_key in ({{ changed('int_contact_roles_merged', 'contact_key') }})

union

select account_id
from accounts
where account_type in ({{ changed('int_role_weights_resolved', 'account_type') }})
