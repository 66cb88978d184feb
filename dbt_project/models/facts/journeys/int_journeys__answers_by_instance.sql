/*
Grain    one row per response about journey instances, instance and metric (nps, csat)
Measure  value: of the answer in points, -100 to 100 (nps), or the mean of the answers on 0 to 100 (csat)
Nulls    none: responses of the level relationship, and those that name nothing that is known, are absent
*/
with

responses as (

    select *
    from {{ ref('int_responses__resolved') }}
    where level in ('touchpoint', 'experience')

),

answers as (

    select
        *,
        {{ normalised_score('score', 'scale_min', 'scale_max', 'is_reversed') }} as score_normalised
    from {{ ref('int_answers__verdicts') }}
    where
        standing = 'surviving'
        and metric = 'csat'

),

interactions as (

    select * from {{ ref('int_interactions__resolved') }}

),

instances as (

    -- a touchpoint is asked about within its journey
    select
        responses.response_id,
        interactions.journey_instance_id
    from responses
    inner join interactions on responses.interaction_id = interactions.interaction_id
    where responses.level = 'touchpoint' and interactions.journey_instance_id is not null

    union

    select
        responses.response_id,
        interactions.journey_instance_id
    from responses
    inner join interactions
        on
            responses.journey_id = interactions.journey_id
            and responses.counted_account_id = interactions.counted_account_id
    where responses.level = 'experience' and interactions.journey_instance_id is not null

),

scores as (

    select
        response_id,
        'nps' as metric,
        100.0 * nps_value as value
    from responses
    where nps_value is not null

    union all

    select
        response_id,
        'csat' as metric,
        {{ stable_sum('score_normalised') }} / count(*) as value
    from answers
    where score_normalised is not null
    group by response_id

)

select
    responses.response_id,
    instances.journey_instance_id,
    scores.metric,
    responses.counted_account_id,
    responses.submitted_at,
    cast(scores.value as {{ type_double() }}) as value
from responses
inner join instances on responses.response_id = instances.response_id
inner join scores on responses.response_id = scores.response_id
