{{ config(materialized='table') }}
/*
Grain    one row per survey level, period, counted response and role it speaks for
Measure  value_weight, account_weight, none_weight: what the response weighs in the headline through this role under
         each weighting; they sum to 1. own_weight: what it weighs in the score of its account
Nulls    none: 0 for a response without a cell, or with a cell that weighs nothing
*/
with

units as (

    select * from {{ ref('int_nps__units') }}

),

cells as (

    select * from {{ ref('int_nps__weights_by_cell') }}

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
    units.role,
    units.role_group,
    units.role_share,
    units.has_cell,
    coalesce(units.role_share * cells.value_weight, 0.0) as value_weight,
    coalesce(units.role_share * cells.account_weight, 0.0) as account_weight,
    case when units.has_cell then units.role_share / answering.response_count else 0.0 end as none_weight,
    coalesce(units.role_share * cells.own_weight, 0.0) as own_weight
from units
left join cells
    on
        units.level = cells.level
        and units.period_key = cells.period_key
        and units.account_id = cells.account_id
        and units.role = cells.role
left join answering
    on
        units.level = answering.level
        and units.period_key = answering.period_key
