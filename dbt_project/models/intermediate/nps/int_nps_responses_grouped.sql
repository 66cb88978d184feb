{{ maintained(unit='period_key', outdated='int_group_periods_outdated') }}
/*
Grain    one row per survey level, period, counted response and group of it in the splits role and role_group, and at
         touchpoint and experience level in those by what the response is about
Measure  role_share: the part of the response that speaks for the group; the weights, under value and
         account, are what the response got in it
Nulls    none
*/
with

units as (

    select *
    from {{ ref('int_nps_units_weighed') }}
    where {{ only_outdated('period_key') }}

),

roles as (

    select * from {{ ref('int_roles_listed') }}

),

weights as (

    select *
    from {{ ref('int_nps_responses_weighed') }}
    where {{ only_outdated('period_key') }}

),

places as (

    select * from {{ ref('int_responses_placed') }}

)

select
    level,
    period_key,
    response_id,
    'role' as split,
    role as group_id,
    has_cell,
    case when has_cell then role_share else 0.0 end as role_share,
    value_weight,
    account_weight
from units

union all

select
    units.level,
    units.period_key,
    units.response_id,
    'role_group' as split,
    coalesce(roles.role_group, 'unassigned') as group_id,
    units.has_cell,
    {{ stable_sum("case when units.has_cell then units.role_share else 0 end") }} as role_share,
    {{ stable_sum('units.value_weight') }} as value_weight,
    {{ stable_sum('units.account_weight') }} as account_weight
from units
left join roles on units.role = roles.role
group by
    units.level,
    units.period_key,
    units.response_id,
    coalesce(roles.role_group, 'unassigned'),
    units.has_cell

union all

select
    weights.level,
    weights.period_key,
    weights.response_id,
    places.split,
    places.group_id,
    weights.has_cell,
    case when weights.has_cell then places.share else 0.0 end as role_share,
    weights.value_weight * places.share as value_weight,
    weights.account_weight * places.share as account_weight
from weights
inner join places on weights.response_id = places.response_id
