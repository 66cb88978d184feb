/*
Grain    one row per role, account type and first day
Measure  weight: the say of a role among those present at an account
Nulls    valid_to is null while open; account_type `*` means any
*/
-- nothing is built on these rows before they have been tested against roles
-- depends_on: {{ ref('roles') }}
with

role_weights as (

    select * from {{ ref('role_weights') }}

)

select
    role,
    account_type,
    weight,
    valid_from,
    valid_to
from role_weights
