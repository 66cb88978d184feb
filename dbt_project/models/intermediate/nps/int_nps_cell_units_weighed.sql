/*
Grain    one row per survey level, period, weighting (value, account), account and role that answered
Measure  unit_weight: what each unit of share answered in the cell weighs in the headline: its part of the cell,
         of silent cells of its role in the segment, of its account, of silent accounts and of silent segments
Nulls    none
*/
with

cells as (

    select * from {{ ref('int_nps_cells') }}

),

roles as (

    select
        level,
        period_key,
        weighting,
        segment,
        role,
        {{ stable_sum('lent_weight') }} as lent_weight
    from cells
    group by
        level,
        period_key,
        weighting,
        segment,
        role

),

accounts as (

    select
        level,
        period_key,
        weighting,
        segment,
        account_id,
        {{ stable_sum('kept_weight') }} as kept_weight,
        {{ stable_sum('units') }} as units,
        {{ stable_sum('case when units > 0 then role_weight else 0 end') }} as answering_role_weight
    from cells
    group by
        level,
        period_key,
        weighting,
        segment,
        account_id

),

segments as (

    select
        level,
        period_key,
        weighting,
        segment,
        {{ stable_sum('units') }} as units,
        {{ stable_sum('case when units > 0 then 0 else kept_weight end') }} as silent_weight
    from accounts
    group by
        level,
        period_key,
        weighting,
        segment

),

totals as (

    select
        level,
        period_key,
        weighting,
        {{ stable_sum('units') }} as units,
        {{ stable_sum('case when units > 0 then 0 else silent_weight end') }} as silent_weight
    from segments
    group by
        level,
        period_key,
        weighting

)

select
    cells.level,
    cells.period_key,
    cells.weighting,
    cells.account_id,
    cells.role,
    cells.cell_weight / cells.units
    + roles.lent_weight / cells.donor_units
    + accounts.kept_weight * cells.role_weight / accounts.answering_role_weight / cells.units
    + segments.silent_weight / segments.units
    + totals.silent_weight / totals.units as unit_weight
from cells
inner join roles
    on
        cells.level = roles.level
        and cells.period_key = roles.period_key
        and cells.weighting = roles.weighting
        and cells.segment = roles.segment
        and cells.role = roles.role
inner join accounts
    on
        cells.level = accounts.level
        and cells.period_key = accounts.period_key
        and cells.weighting = accounts.weighting
        and cells.account_id = accounts.account_id
inner join segments
    on
        cells.level = segments.level
        and cells.period_key = segments.period_key
        and cells.weighting = segments.weighting
        and cells.segment = segments.segment
inner join totals
    on
        cells.level = totals.level
        and cells.period_key = totals.period_key
        and cells.weighting = totals.weighting
where cells.units > 0
