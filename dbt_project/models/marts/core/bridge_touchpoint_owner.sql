/*
Grain    one row per touchpoint, scope and first day of ownership
Measure  the team the programme names as the owner in that scope
Nulls    valid_to while open; `*` in a scope means any
*/
-- nothing is built on these rows before they have been tested against teams and touchpoints
-- depends_on: {{ ref('teams') }}
-- depends_on: {{ ref('touchpoints') }}
select
    touchpoint,
    account_type,
    region,
    valid_from,
    valid_to,
    team_id
from {{ ref('touchpoint_owners') }}
