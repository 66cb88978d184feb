{{ config(meta={'dagster': {'ref': {'name': 'touchpoint_owners'}}}) }}
/*
Who answers for a touchpoint has to be a team of the programme, so that there is someone to tell.
*/
select
    owners.touchpoint,
    owners.team_id,
    'touchpoint_owners.csv: touchpoint ' || coalesce(owners.touchpoint, '(empty)') || ' is owned by team '
    || coalesce(owners.team_id, '(empty)') || ', but teams.csv has no such team' as issue
from {{ ref('touchpoint_owners') }} as owners
left join {{ ref('teams') }} as teams on owners.team_id = teams.team_id
where teams.team_id is null
