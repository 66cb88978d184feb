/*
Grain    one row per response and team that answers for a part of it or followed it up; a response that nobody answers
         for has the team `unattributed`
Measure  share: the team's part by the owner rule; is_lead: the greatest, ties by name; what was done about the
         response; touchpoint: of those it asks about the team's own that weighs most, ties by name
Nulls    what has not happened; closed_at while one of the team's follow-ups is open; touchpoint unless the response
         asks about interactions of the team
*/
with

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

shares as (

    select *
    from {{ ref('int_responses__team_shares') }}
    where attribution_rule = 'owner'

),

follow_ups as (

    select
        response_id,
        team_id,
        min(opened_at) as opened_at,
        min(acknowledged_at) as acknowledged_at,
        min(contacted_at) as contacted_at,
        case when count(*) = count(closed_at) then max(closed_at) end as closed_at
    from {{ ref('stg_survey__follow_ups') }}
    group by
        response_id,
        team_id

),

touchpoints as (

    select
        response_id,
        accountable_team_id as team_id,
        touchpoint,
        row_number() over (
            partition by response_id, accountable_team_id
            order by {{ stable_sum('weight') }} desc, touchpoint asc
        ) as place
    from {{ ref('int_responses__matches_by_interaction') }}
    group by
        response_id,
        accountable_team_id,
        touchpoint

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

)

select
    responses.response_id,
    responses.level,
    responses.nps_value,
    responses.submitted_at as answered_at,
    responsible.team_id,
    coalesce(shares.share, 0.0) as share,
    touchpoints.touchpoint,
    min(follow_ups.opened_at) over (partition by responses.response_id) as followed_up_at,
    follow_ups.acknowledged_at,
    follow_ups.contacted_at,
    follow_ups.closed_at,
    -- shares that are the same but for the last digits tie
    row_number() over (
        partition by responses.response_id
        order by cast(coalesce(shares.share, 0) as decimal(18, 12)) desc, responsible.team_id asc
    ) = 1 as is_lead
from responses
inner join responsible on responses.response_id = responsible.response_id
left join shares on {{ same('responsible', 'shares', ['response_id', 'team_id']) }}
left join follow_ups on {{ same('responsible', 'follow_ups', ['response_id', 'team_id']) }}
left join touchpoints
    on
        {{ same('responsible', 'touchpoints', ['response_id', 'team_id']) }}
        and touchpoints.place = 1
