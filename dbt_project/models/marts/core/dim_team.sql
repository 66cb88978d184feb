/*
Grain    one row per team of the programme or of a landed record, and the members `unattributed` (nobody answers for it)
         and `unknown`
Measure  who can be answerable; is_in_programme: whether teams.csv has it, a team that only landed keeps its code
Nulls    function for a team the programme does not list
*/
with

teams as (

    select * from {{ ref('teams') }}

),

landed as (

    select handled_by_team as team_id
    from {{ ref('stg_crm__interactions') }}
    where handled_by_team not in ('unknown', 'unattributed')
    group by handled_by_team

    union

    select sent_by_team as team_id
    from {{ ref('stg_billing__notices') }}
    where sent_by_team not in ('unknown', 'unattributed')
    group by sent_by_team

    union

    select team_id
    from {{ ref('stg_survey__follow_ups') }}
    where team_id not in ('unknown', 'unattributed')
    group by team_id

)

select
    team_id,
    team_name,
    function,
    true as is_in_programme
from teams

union all

select
    landed.team_id,
    landed.team_id as team_name,
    cast(null as varchar) as function,
    false as is_in_programme
from landed
left join teams on landed.team_id = teams.team_id
where teams.team_id is null

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
