/*
Grain    one row per response and team that answers for a part of it or followed it up
Measure  the clock from the client's answer to the team's last word
Nulls    instants that have not come: what is delivered after a publication is in the next one; touchpoint unless the
         response asks about interactions of the team
*/
with

teams as (

    select * from {{ ref('int_feedback__responsible_teams') }}

),

loads as (

    select * from {{ ref('stg_survey__response_loads') }}

),

-- few loads, so each is looked for once among the versions
instants as (

    select first_loaded_at
    from loads
    group by first_loaded_at

),

publications as (

    select
        instants.first_loaded_at,
        min(published.published_at) as served_at
    from instants
    inner join {{ source('memory', 'publications') }} as published
        on instants.first_loaded_at <= published.published_at
    group by instants.first_loaded_at

),

deliveries as (

    select
        response_id,
        team_id,
        min(delivered_at) as delivered_at
    from {{ source('memory', 'deliveries') }}
    where response_id is not null and delivered_at is not null
    group by
        response_id,
        team_id

),

timed as (

    select
        teams.*,
        loads.first_loaded_at as loaded_at,
        publications.served_at,
        deliveries.delivered_at,
        coalesce(teams.nps_value = -1, false) and teams.is_lead as is_follow_up_due,
        {{ seconds_between('teams.answered_at', 'coalesce(teams.followed_up_at, clock.as_of)') }} / 3600.0
        > {{ var('follow_up_sla_hours') }} as is_past_limit
    from teams
    cross join {{ source('memory', 'clock') }} as clock
    left join loads on teams.response_id = loads.response_id
    left join publications on loads.first_loaded_at = publications.first_loaded_at
    left join deliveries on {{ same('teams', 'deliveries', ['response_id', 'team_id']) }}

)

select
    response_id,
    team_id,
    level,
    cast(share as {{ type_double() }}) as share,
    is_lead,
    touchpoint,
    answered_at,
    loaded_at,
    served_at,
    delivered_at,
    followed_up_at,
    acknowledged_at,
    contacted_at,
    closed_at,
    {% for step in feedback_steps() -%}
    {{ seconds_between('answered_at', step ~ '_at') }} / 3600.0 as {{ step }}_hours,
    {% endfor -%}
    is_follow_up_due,
    case
        when is_follow_up_due then answered_at + interval '1' hour * {{ var('follow_up_sla_hours') }}
    end as follow_up_due_at,
    is_follow_up_due and is_past_limit as is_late,
    is_follow_up_due and is_past_limit and followed_up_at is null as is_overdue
from timed
