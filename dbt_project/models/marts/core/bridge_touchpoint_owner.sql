/*
Grain    one row per touchpoint, scope and first day of ownership
Measure  the team the programme names as the owner in that scope
Nulls    valid_to while open; `*` in a scope means any
*/
select
    touchpoint,
    account_type,
    region,
    valid_from,
    valid_to,
    team_id
from {{ ref('stg_programme__touchpoint_owners') }}
