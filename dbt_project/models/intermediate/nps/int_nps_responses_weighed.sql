/*
Grain    one row per survey level, period, weighting and counted response
Measure  weight: w, the response's share of the headline; own_weight: what it weighs in the score of its own account
Nulls    none
*/
with

units as (

    select * from {{ ref('int_nps_units_weighed') }}

),

cell_units as (

    select
        level,
        period_key,
        account_id,
        role,
        {{ stable_sum('role_share') }} as units
    from {{ ref('int_nps_units') }}
    where has_cell
    group by
        level,
        period_key,
        account_id,
        role

),

frame_cells as (

    select * from {{ ref('int_nps_frame_cells') }}

)

select
    units.level,
    units.period_key,
    units.weighting,
    units.response_id,
    units.account_id,
    units.counted_account_id,
    units.contact_key,
    units.account_type,
    units.segment,
    units.region,
    units.channel,
    units.nps_value,
    units.has_cell,
    {{ stable_sum('units.weight') }} as weight,
    case
        when units.weighting = 'none' then {{ stable_sum('case when units.has_cell then units.role_share else 0 end') }}
        else {{ stable_sum('frame_cells.role_weight * units.role_share / cell_units.units') }}
    end as own_weight
from units
left join cell_units
    on
        units.level = cell_units.level
        and units.period_key = cell_units.period_key
        and units.account_id = cell_units.account_id
        and units.role = cell_units.role
left join frame_cells
    on
        units.period_key = frame_cells.period_key
        and units.account_id = frame_cells.account_id
        and units.role = frame_cells.role
group by
    units.level,
    units.period_key,
    units.weighting,
    units.response_id,
    units.account_id,
    units.counted_account_id,
    units.contact_key,
    units.account_type,
    units.segment,
    units.region,
    units.channel,
    units.nps_value,
    units.has_cell
