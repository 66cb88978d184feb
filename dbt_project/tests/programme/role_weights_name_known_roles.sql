{{ config(meta={'dagster': {'ref': {'name': 'role_weights'}}}) }}
/*
A weight for a role that does not exist is most often a role misspelt, whose own weight is then missing.
*/
select
    role_weights.role,
    role_weights.account_type,
    'role_weights.csv: role ' || coalesce(role_weights.role, '(empty)') || ', account_type '
    || coalesce(role_weights.account_type, '(empty)') || ' has a weight, but roles.csv has no such role' as issue
from {{ ref('role_weights') }} as role_weights
left join {{ ref('roles') }} as roles on role_weights.role = roles.role
where roles.role is null
