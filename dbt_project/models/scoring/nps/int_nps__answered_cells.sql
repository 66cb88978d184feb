/*
Grain    one row per survey level, period, account that answered in a role that weighs, and role of it that weighs
Measure  units: how much of the cell was answered, 0 for a silent one
Nulls    none
*/
with

units as (

    select
        level,
        period_key,
        account_id,
        role,
        {{ stable_sum('role_share') }} as units
    from {{ ref('int_nps__units') }}
    where has_cell
    group by
        level,
        period_key,
        account_id,
        role

),

cells as (

    select * from {{ ref('int_frame__cell_weights') }}

),

accounts as (

    select
        units.level,
        units.period_key,
        units.account_id
    from units
    inner join cells
        on
            units.period_key = cells.period_key
            and units.account_id = cells.account_id
            and units.role = cells.role
    group by
        units.level,
        units.period_key,
        units.account_id

)

select
    accounts.level,
    cells.period_key,
    cells.segment,
    cells.account_id,
    cells.role,
    cells.role_weight,
    cells.value_weight,
    cells.account_weight,
    coalesce(units.units, 0) as units
from accounts
inner join cells
    on
        accounts.period_key = cells.period_key
        and accounts.account_id = cells.account_id
left join units
    on
        accounts.level = units.level
        and cells.period_key = units.period_key
        and cells.account_id = units.account_id
        and cells.role = units.role
