/*
Grain    one row per role
Measure  the programme's roles, as declared
Nulls    as declared
*/
with

roles as (

    select * from {{ ref('roles') }}

)

select
    role,
    role_name,
    role_group,
    description
from roles
