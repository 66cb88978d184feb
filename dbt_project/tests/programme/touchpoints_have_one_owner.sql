/*
Two rows of one scope are equally specific: if both hold on some day, two teams answer for one interaction.
*/
with

owners as (

    select
        *,
        row_number() over (
            partition by touchpoint, account_type, region
            order by valid_from, team_id
        ) as position
    from {{ ref('touchpoint_owners') }}

)

select
    earlier.touchpoint,
    earlier.account_type,
    earlier.region,
    'touchpoint_owners.csv: touchpoint ' || earlier.touchpoint || ', account_type ' || earlier.account_type
    || ', region ' || earlier.region || ' has two owners at once: '
    || earlier.team_id || ' from ' || cast(earlier.valid_from as varchar)
    || ' to ' || coalesce(cast(earlier.valid_to as varchar), 'open') || ' and '
    || later.team_id || ' from ' || cast(later.valid_from as varchar)
    || ' to ' || coalesce(cast(later.valid_to as varchar), 'open') as issue
from owners as earlier
inner join owners as later
    on
        earlier.touchpoint = later.touchpoint
        and earlier.account_type = later.account_type
        and earlier.region = later.region
        and earlier.position < later.position
where
    (earlier.valid_to is null or later.valid_from < earlier.valid_to)
    and (later.valid_to is null or later.valid_from < later.valid_to)
