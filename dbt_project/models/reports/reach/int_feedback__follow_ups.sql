/*
Grain    one row per response and team that followed it up
Measure  when the team took it on, acknowledged it, spoke to the client, and was done with all of it
Nulls    what has not happened; closed_at while one of the team's follow-ups is open
*/
with

follow_ups as (

    select * from {{ ref('stg_survey__follow_ups') }}

)

select
    response_id,
    team_id,
    min(opened_at) as opened_at,
    min(acknowledged_at) as acknowledged_at,
    min(contacted_at) as contacted_at,
    case when count(*) = count(closed_at) then max(closed_at) end as closed_at
from follow_ups
group by
    response_id,
    team_id
