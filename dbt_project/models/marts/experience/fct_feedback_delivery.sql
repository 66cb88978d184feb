/*
Grain    one row per response and team that answers for a part of it or followed it up
Measure  the clock from the client's answer to the team's last word
Nulls    instants that have not come: what is delivered after a publication is in the next one; touchpoint unless the
         response asks about interactions of the team
*/
with

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

loads as (

    select * from {{ ref('int_feedback__first_publications') }}

),

shares as (

    select *
    from {{ ref('int_responses__team_shares') }}
    where attribution_rule = 'owner'

),

follow_ups as (

    select * from {{ ref('int_feedback__follow_ups') }}

),

touchpoints as (

    select * from {{ ref('int_feedback__touchpoints_by_team') }}

),

deliveries as (

    select * from {{ ref('int_feedback__clock') }}

),

clock as (

    select * from {{ source('memory', 'clock') }}

),

first_follow_ups as (

    select
        response_id,
        min(opened_at) as followed_up_at
    from follow_ups
    group by response_id

),

responsible as (

    select
        response_id,
        team_id
    from shares

    union

    select
        response_id,
        team_id
    from follow_ups

),

teams as (

    select
        responses.response_id,
        responses.level,
        responses.nps_value,
        responses.submitted_at as answered_at,
        responsible.team_id,
        coalesce(shares.share, 0.0) as share,
        follow_ups.acknowledged_at,
        follow_ups.contacted_at,
        follow_ups.closed_at,
        row_number() over (
            partition by responses.response_id
            order by coalesce(shares.share, 0) desc, responsible.team_id asc
        ) = 1 as is_lead
    from responses
    inner join responsible on responses.response_id = responsible.response_id
    left join shares on {{ same('responsible', 'shares', ['response_id', 'team_id']) }}
    left join follow_ups on {{ same('responsible', 'follow_ups', ['response_id', 'team_id']) }}

),

timed as (

    select
        teams.*,
        loads.loaded_at,
        loads.served_at,
        deliveries.delivered_at,
        touchpoints.touchpoint,
        first_follow_ups.followed_up_at,
        coalesce(teams.nps_value = -1, false) and teams.is_lead as is_follow_up_due,
        {{ seconds_between('teams.answered_at', 'coalesce(first_follow_ups.followed_up_at, clock.as_of)') }} / 3600.0
        > {{ var('follow_up_sla_hours') }} as is_past_limit
    from teams
    cross join clock
    left join loads on teams.response_id = loads.response_id
    left join first_follow_ups on teams.response_id = first_follow_ups.response_id
    left join deliveries on {{ same('teams', 'deliveries', ['response_id', 'team_id']) }}
    left join touchpoints on {{ same('teams', 'touchpoints', ['response_id', 'team_id']) }}

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
