/*
Grain    one row per role and touchpoint, either or both of which may be `*` for any
Measure  relevance: how much the touchpoint matters to the role, 0 to 1
Nulls    rows that name a role or touchpoint the programme does not have are left out
*/
with

relevance as (

    select * from {{ ref('role_relevance') }}

),

roles as (

    select * from {{ ref('roles') }}

),

touchpoints as (

    select * from {{ ref('touchpoints') }}

)

select
    relevance.role,
    relevance.touchpoint,
    relevance.relevance
from relevance
left join roles on relevance.role = roles.role
left join touchpoints on relevance.touchpoint = touchpoints.touchpoint
where
    (relevance.role = '*' or roles.role is not null)
    and (relevance.touchpoint = '*' or touchpoints.touchpoint is not null)
