/*
Role groups are closed: a role in none of them would be missing from that split.
*/
select
    role,
    role_group,
    'roles.csv: role ' || coalesce(role, '(empty)') || ' is in role_group ' || coalesce(role_group, '(empty)')
    || '; it has to be buyer, user or influencer' as issue
from {{ ref('roles') }}
where coalesce(role_group, '') not in ('buyer', 'user', 'influencer')
