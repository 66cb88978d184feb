/*
Grain    one row per role, and the members `unassigned` (a person without a role) and `unknown`
Measure  what people are to us
Nulls    description where the programme gives none
*/
select
    role,
    role_name,
    role_group,
    description,
    is_in_programme
from {{ ref('int_programme__roles') }}

union all

select
    'unassigned' as role,
    'No role' as role_name,
    'unassigned' as role_group,
    cast(null as varchar) as description,
    false as is_in_programme

union all

select
    'unknown' as role,
    'Unknown role' as role_name,
    'unknown' as role_group,
    cast(null as varchar) as description,
    false as is_in_programme
