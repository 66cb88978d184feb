/*
Grain    one row per touchpoint or experience response and team that answers for interactions it asks about
Measure  the touchpoint of the team that weighs most in the response, ties by name
Nulls    none
*/
with

matches as (

    select * from {{ ref('int_responses__matches_by_interaction') }}

),

ranked as (

    select
        response_id,
        accountable_team_id as team_id,
        touchpoint,
        row_number() over (
            partition by response_id, accountable_team_id
            order by weight desc, touchpoint asc
        ) as touchpoint_rank
    from matches

)

select
    response_id,
    team_id,
    touchpoint
from ranked
where touchpoint_rank = 1
