{{ config(meta={'dagster': {'ref': {'name': 'touchpoint_owners'}}}) }}
/*
An owner of a touchpoint that does not exist is most often a touchpoint misspelt, which then nobody owns.
*/
select
    owners.touchpoint,
    owners.team_id,
    'touchpoint_owners.csv: team ' || coalesce(owners.team_id, '(empty)') || ' owns touchpoint '
    || coalesce(owners.touchpoint, '(empty)') || ', but touchpoints.csv has no such touchpoint' as issue
from {{ ref('touchpoint_owners') }} as owners
left join {{ ref('touchpoints') }} as touchpoints on owners.touchpoint = touchpoints.touchpoint
where touchpoints.touchpoint is null
