/*
Grain    one row per survey level, period, counted response and group of it in the splits role and role_group, and at
         touchpoint and experience level in those by what the response is about
Measure  voice_share: the part of the response that speaks for the group without weighting; cell_share: as one of the
         frame; the weights, under value and account, are what the response got in it
Nulls    none
*/
with

units as (

    select * from {{ ref('int_nps__weights_by_unit') }}

),

weights as (

    select * from {{ ref('int_nps__weights_by_response') }}

),

places as (

    select * from {{ ref('int_responses__shares_by_split') }}

)

select
    level,
    period_key,
    response_id,
    'role' as split,
    role as group_id,
    has_cell,
    case when has_voice then role_share else 0.0 end as voice_share,
    case when has_cell then role_share else 0.0 end as cell_share,
    value_weight,
    account_weight
from units

union all

select
    units.level,
    units.period_key,
    units.response_id,
    'role_group' as split,
    units.role_group as group_id,
    units.has_cell,
    {{ stable_sum("case when units.has_voice then units.role_share else 0 end") }} as voice_share,
    {{ stable_sum("case when units.has_cell then units.role_share else 0 end") }} as cell_share,
    {{ stable_sum('units.value_weight') }} as value_weight,
    {{ stable_sum('units.account_weight') }} as account_weight
from units
group by
    units.level,
    units.period_key,
    units.response_id,
    units.role_group,
    units.has_cell

union all

select
    weights.level,
    weights.period_key,
    weights.response_id,
    places.split,
    places.group_id,
    weights.has_cell,
    case when weights.has_voice then places.share else 0.0 end as voice_share,
    case when weights.has_cell then places.share else 0.0 end as cell_share,
    weights.value_weight * places.share as value_weight,
    weights.account_weight * places.share as account_weight
from weights
inner join places on weights.response_id = places.response_id
