/*
Grain    one row per role, `*` for any
Measure  how often and through which channels a role may be asked
Nulls    rows that name a role the programme does not have are left out
*/
with

policies as (

    select * from {{ ref('outreach_policy') }}

),

roles as (

    select * from {{ ref('roles') }}

)

select
    policies.role,
    policies.channel_order,
    policies.min_days_between_surveys,
    policies.max_attempts
from policies
left join roles on policies.role = roles.role
where policies.role = '*' or roles.role is not null
