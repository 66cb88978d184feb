/*
Grain    one row per team
Measure  the programme's teams, as declared
Nulls    an empty delivery_url means nobody is written to
*/
with

teams as (

    select * from {{ ref('teams') }}

)

select
    team_id,
    team_name,
    function,
    lead_email,
    delivery_url
from teams
