{{ config(materialized='table') }}
/*
Grain    one row per survey level, period, counted response and role it speaks for
Measure  value_weight, account_weight, none_weight: what the response weighs in the headline through this role under
         each weighting; they sum to 1. own_weight: what it weighs in the score of its account
Nulls    none: 0 for a response without a cell, or with a cell that weighs nothing; under none every response with a
         voice weighs the same
*/
with

units as (

    select * from {{ ref('int_nps__units') }}

),

answered as (

    select * from {{ ref('int_nps__answered_cells') }}

),

silence as (

    select * from {{ ref('int_nps__donor_weights') }}

),

accounts as (

    select
        answered.level,
        answered.period_key,
        answered.account_id,
        {{ stable_sum('case when answered.units > 0 then answered.role_weight else 0 end') }} as answering_role_weight,
        -- (1 - lambda) of the silent roles
        {{ stable_sum(
            'case when answered.units > 0 then 0 else answered.role_weight * '
            ~ kept_share('coalesce(silence.donor_units, 0)') ~ ' end'
        ) }} as kept_role_weight
    from answered
    left join silence
        on
            answered.level = silence.level
            and answered.period_key = silence.period_key
            and answered.segment = silence.segment
            and answered.role = silence.role
    group by
        answered.level,
        answered.period_key,
        answered.account_id

),

-- what each unit of share in a cell weighs: its part of the cell, of what the account's silent cells keep, and of
-- silence elsewhere
cells as (

    select
        answered.level,
        answered.period_key,
        answered.account_id,
        answered.role,
        answered.value_weight / answered.units * (1 + accounts.kept_role_weight / accounts.answering_role_weight)
        + silence.value_weight as value_weight,
        answered.account_weight / answered.units * (1 + accounts.kept_role_weight / accounts.answering_role_weight)
        + silence.account_weight as account_weight,
        answered.role_weight / answered.units as own_weight
    from answered
    inner join accounts
        on
            answered.level = accounts.level
            and answered.period_key = accounts.period_key
            and answered.account_id = accounts.account_id
    inner join silence
        on
            answered.level = silence.level
            and answered.period_key = silence.period_key
            and answered.segment = silence.segment
            and answered.role = silence.role
    where answered.units > 0

),

voices as (

    select
        level,
        period_key,
        cast(count(distinct response_id) as {{ type_double() }}) as response_count
    from units
    where has_voice
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
    units.has_voice,
    coalesce(units.role_share * cells.value_weight, 0.0) as value_weight,
    coalesce(units.role_share * cells.account_weight, 0.0) as account_weight,
    case when units.has_voice then units.role_share / voices.response_count else 0.0 end as none_weight,
    coalesce(units.role_share * cells.own_weight, 0.0) as own_weight
from units
left join cells
    on
        units.level = cells.level
        and units.period_key = cells.period_key
        and units.account_id = cells.account_id
        and units.role = cells.role
left join voices
    on
        units.level = voices.level
        and units.period_key = voices.period_key
