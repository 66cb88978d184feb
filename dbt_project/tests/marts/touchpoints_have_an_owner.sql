{{ config(severity='warn') }}
/*
What nobody owns nobody mends: its interactions go to `unattributed` until the programme names a team.
*/
select
    touchpoint,
    account_type,
    region,
    'touchpoint ' || touchpoint || ', account_type ' || account_type || ', region ' || region || ' has no owner from '
    || cast(valid_from as varchar) || ' to ' || coalesce(cast(valid_to as varchar), 'open') || ' ('
    || cast(interaction_count as varchar) || ' interactions)' as issue
from {{ ref('rpt_ownership_coverage') }}
where not is_owned
