/*
Grain    one row per role of the programme or of a landed contact
Measure  is_in_programme: whether roles.csv has it; a role that only landed keeps its code, in role group `unknown`
Nulls    description is null where the programme gives none
*/
with

roles as (

    select * from {{ ref('roles') }}

),

landed as (

    select role
    from {{ ref('stg_crm__contact_roles') }}
    group by role

)

select
    role,
    role_name,
    role_group,
    description,
    true as is_in_programme
from roles

union all

select
    landed.role,
    landed.role as role_name,
    'unknown' as role_group,
    cast(null as varchar) as description,
    false as is_in_programme
from landed
left join roles on landed.role = roles.role
where roles.role is null
