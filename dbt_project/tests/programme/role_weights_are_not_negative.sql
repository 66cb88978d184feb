/*
A weight is a finite number, 0 or more; 0 silences a role, and the contacts who hold it are then listed.
*/
select
    role,
    account_type,
    'role_weights.csv: role ' || coalesce(role, '(empty)') || ', account_type ' || coalesce(account_type, '(empty)')
    || ' has the weight ' || coalesce(cast(weight as varchar), '(empty)') || '; it has to be 0 or more' as issue
from {{ ref('role_weights') }}
where not coalesce(weight >= 0 and weight < cast('infinity' as {{ type_double() }}), false)
