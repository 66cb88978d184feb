/*
Grain    one row per response and team that was sent something about it
Measure  when the team's endpoint first accepted a message
Nulls    none: what is still on its way is absent
*/
with

deliveries as (

    select * from {{ source('memory', 'deliveries') }}

)

select
    response_id,
    team_id,
    min(delivered_at) as delivered_at
from deliveries
where
    response_id is not null
    and delivered_at is not null
group by
    response_id,
    team_id
