/*
Grain    one row per survey level, period, weighting and counted response
Measure  weight: w, the response's share of the headline; own_weight: what it weighs in the score of its own account
Nulls    none
*/
with

units as (

    select * from {{ ref('int_nps_units_weighed') }}

),

cells as (

    select * from {{ ref('int_nps_cells') }}

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
        else {{ stable_sum('cells.role_weight * units.role_share / cells.units') }}
    end as own_weight
from units
left join cells
    on
        units.level = cells.level
        and units.period_key = cells.period_key
        and units.weighting = cells.weighting
        and units.account_id = cells.account_id
        and units.role = cells.role
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
