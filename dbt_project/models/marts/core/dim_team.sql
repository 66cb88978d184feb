/*
Grain    one row per team, and the members `unattributed` (nobody answers for it) and `unknown`
Measure  who can be answerable
Nulls    function for a team the programme does not list
*/
select
    team_id,
    team_name,
    function,
    is_in_programme
from {{ ref('int_programme__teams') }}

union all

select
    'unattributed' as team_id,
    'Nobody' as team_name,
    cast(null as varchar) as function,
    false as is_in_programme

union all

select
    'unknown' as team_id,
    'Unknown team' as team_name,
    cast(null as varchar) as function,
    false as is_in_programme
