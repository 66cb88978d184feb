/*
Grain    one row per touchpoint, scope and first day
Measure  team_id: the team that answers for the touchpoint in that scope
Nulls    valid_to is null while open; `*` in a scope means any
*/
-- nothing is built on these rows before they have been tested against teams and touchpoints
-- depends_on: {{ ref('teams') }}
-- depends_on: {{ ref('touchpoints') }}
with

touchpoint_owners as (

    select * from {{ ref('touchpoint_owners') }}

)

select
    touchpoint,
    account_type,
    region,
    team_id,
    valid_from,
    valid_to
from touchpoint_owners
