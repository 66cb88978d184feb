/*
Grain    one row per survey level, period, weighting, counted response and role it speaks for
Measure  weight: what the response weighs in the headline through this role; they sum to 1
Nulls    none: 0 for a response without a cell, or with a cell that weighs nothing
*/
with

units as (

    select * from {{ ref('int_nps_units') }}

),

cells as (

    select * from {{ ref('int_nps_cell_units_weighed') }}

),

weightings as (

    select 'value' as weighting

    union all

    select 'account' as weighting

),

answering as (

    select
        level,
        period_key,
        cast(count(distinct response_id) as {{ type_double() }}) as response_count
    from units
    where has_cell
    group by
        level,
        period_key

)

select
    units.level,
    units.period_key,
    units.response_id,
    units.account_id,
    units.counted_account_id,
    units.contact_key,
    units.account_type,
    units.segment,
    units.region,
    units.channel,
    units.nps_value,
    units.role,
    units.role_group,
    units.role_share,
    units.has_cell,
    weightings.weighting,
    coalesce(units.role_share * cells.unit_weight, 0.0) as weight
from units
cross join weightings
left join cells
    on
        units.level = cells.level
        and units.period_key = cells.period_key
        and weightings.weighting = cells.weighting
        and units.account_id = cells.account_id
        and units.role = cells.role

union all

select
    units.level,
    units.period_key,
    units.response_id,
    units.account_id,
    units.counted_account_id,
    units.contact_key,
    units.account_type,
    units.segment,
    units.region,
    units.channel,
    units.nps_value,
    units.role,
    units.role_group,
    units.role_share,
    units.has_cell,
    'none' as weighting,
    case when units.has_cell then units.role_share / answering.response_count else 0.0 end as weight
from units
left join answering
    on
        units.level = answering.level
        and units.period_key = answering.period_key
