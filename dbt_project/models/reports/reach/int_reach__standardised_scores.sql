/*
Grain    one row per survey level, period and channel with a response that weighs, under the headline weighting
Measure  standardised_score: the channel's score if it had heard the roles in the mix in which all channels together
         heard them; max_weight_share: what its heaviest response then holds
Nulls    none; roles the channel did not hear are left out of the mix
*/
with

responses as (

    select
        weights.level,
        {{ period_key() }} as period_key,
        weights.response_id,
        responses.channel,
        responses.nps_value,
        weights.weight
    from {{ ref('rpt_nps_lineage') }} as weights
    inner join {{ ref('int_responses__resolved') }} as responses on weights.response_id = responses.response_id
    where
        weights.weighting = '{{ var("headline_weighting") }}'
        and weights.weight > 0

),

response_roles as (

    select * from {{ ref('int_responses__roles') }}

),

-- a response of several roles brings its weight to them in equal parts
units as (

    select
        responses.level,
        responses.period_key,
        responses.channel,
        responses.response_id,
        responses.nps_value,
        coalesce(response_roles.role, 'unassigned') as role,
        responses.weight * coalesce(response_roles.role_share, 1.0) as weight
    from responses
    left join response_roles on responses.response_id = response_roles.response_id

),

roles as (

    select
        level,
        period_key,
        role,
        {{ stable_sum('weight') }} as role_weight
    from units
    group by
        level,
        period_key,
        role

),

channel_roles as (

    select
        level,
        period_key,
        channel,
        role,
        {{ stable_sum('weight') }} as channel_role_weight
    from units
    group by
        level,
        period_key,
        channel,
        role

),

reweighted as (

    select
        units.level,
        units.period_key,
        units.channel,
        units.response_id,
        units.nps_value,
        {{ stable_sum('units.weight * roles.role_weight / channel_roles.channel_role_weight') }} as weight
    from units
    inner join roles
        on
            units.level = roles.level
            and units.period_key = roles.period_key
            and units.role = roles.role
    inner join channel_roles
        on
            units.level = channel_roles.level
            and units.period_key = channel_roles.period_key
            and units.channel = channel_roles.channel
            and units.role = channel_roles.role
    group by
        units.level,
        units.period_key,
        units.channel,
        units.response_id,
        units.nps_value

)

select
    level,
    period_key,
    channel as group_id,
    100.0 * {{ stable_sum('weight * nps_value') }} / {{ stable_sum('weight') }} as standardised_score,
    max(weight) / {{ stable_sum('weight') }} as max_weight_share
from reweighted
group by
    level,
    period_key,
    channel
