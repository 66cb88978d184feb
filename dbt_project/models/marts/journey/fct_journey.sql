/*
Grain    one row per journey instance
Measure  the whole way of one ticket, order or dispute through the stages
Nulls    ended_at and duration_seconds while open; bundle_id is `unknown` for an account that holds no product
*/
with

visits as (

    select * from {{ ref('int_journeys__stage_visits') }}

),

interactions as (

    select * from {{ ref('int_journeys__steps') }}

),

bundles as (

    select * from {{ ref('int_accounts__bundles') }}

),

journeys as (

    select
        journey_instance_id,
        min(account_id) as account_id,
        min(account_type) as account_type,
        min(journey) as journey,
        min(entered_at) as started_at,
        max(last_occurred_at) as last_occurred_at,
        sum(case when is_open then 1 else 0 end) > 0 as is_open,
        {{ string_agg_sorted('stage', ' > ', 'visit_sequence') }} as variant,
        count(*) as stage_count,
        sum(handoff_count) as handoff_count
    from visits
    group by journey_instance_id

),

role_counts as (

    select
        journey_instance_id,
        role,
        count(*) as interaction_count
    from interactions
    where not is_internal
    group by
        journey_instance_id,
        role

),

roles_ranked as (

    select
        journey_instance_id,
        role,
        row_number() over (
            partition by journey_instance_id
            -- a role says more than none, however often nobody was named
            order by case when role = 'unassigned' then 1 else 0 end asc, interaction_count desc, role asc
        ) as role_rank
    from role_counts

)

select
    journeys.journey_instance_id,
    journeys.account_id,
    journeys.journey,
    journeys.started_at,
    case when not journeys.is_open then journeys.last_occurred_at end as ended_at,
    journeys.is_open,
    journeys.variant,
    journeys.stage_count,
    cast(journeys.handoff_count as bigint) as handoff_count,
    case
        when not journeys.is_open
            then {{ seconds_between('journeys.started_at', 'journeys.last_occurred_at') }}
    end as duration_seconds,
    coalesce(bundles.bundle_id, 'unknown') as bundle_id,
    journeys.account_type,
    -- work between teams alone was with nobody
    coalesce(roles_ranked.role, 'unassigned') as dominant_role
from journeys
left join bundles on journeys.account_id = bundles.account_id
left join roles_ranked
    on
        journeys.journey_instance_id = roles_ranked.journey_instance_id
        and roles_ranked.role_rank = 1
