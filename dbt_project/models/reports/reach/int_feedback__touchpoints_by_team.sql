/*
Grain    one row per touchpoint or experience response and team that answers for interactions it asks about
Measure  the touchpoint of the team that weighs most in the response, ties by name
Nulls    none
*/
with

touchpoints as (

    select
        response_id,
        accountable_team_id as team_id,
        touchpoint,
        {{ stable_sum('weight') }} as weight
    from {{ ref('int_responses__matches_by_interaction') }}
    group by
        response_id,
        accountable_team_id,
        touchpoint

),

ranked as (

    select
        *,
        row_number() over (partition by response_id, team_id order by weight desc, touchpoint asc) as touchpoint_rank
    from touchpoints

)

select
    response_id,
    team_id,
    touchpoint
from ranked
where touchpoint_rank = 1
