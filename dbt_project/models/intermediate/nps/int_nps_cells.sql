/*
Grain    one row per survey level, period, weighting (value, account), account and role that weighs
Measure  cell_weight: c, the account's voice divided over its present roles; they sum to 1.
         units: how much of it was answered; lent_weight: what a silent cell gives to its role elsewhere in the
         segment; kept_weight: what it keeps at home
Nulls    none
*/
with

cells as (

    select *
    from {{ ref('int_nps_frame_cells') }}
    where role_weight > 0

),

account_weights as (

    select *
    from {{ ref('int_nps_account_weights') }}
    where weighting <> 'none'

),

units as (

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

levels as (

    select
        level,
        period_key
    from units
    group by
        level,
        period_key

),

weighed_cells as (

    select
        levels.level,
        levels.period_key,
        account_weights.weighting,
        cells.segment,
        cells.account_id,
        cells.role,
        cells.role_weight,
        coalesce(units.units, 0) as units,
        account_weights.account_weight * cells.role_weight / account_weights.role_weight as cell_weight
    from levels
    inner join cells on levels.period_key = cells.period_key
    inner join account_weights
        on
            cells.period_key = account_weights.period_key
            and cells.account_id = account_weights.account_id
    left join units
        on
            levels.level = units.level
            and levels.period_key = units.period_key
            and cells.account_id = units.account_id
            and cells.role = units.role

),

donors as (

    select
        level,
        period_key,
        weighting,
        segment,
        role,
        {{ stable_sum('units') }} as donor_units
    from weighed_cells
    group by
        level,
        period_key,
        weighting,
        segment,
        role

)

select
    weighed_cells.*,
    donors.donor_units,
    case
        when weighed_cells.units > 0 then 0.0
        else weighed_cells.cell_weight * donors.donor_units / (donors.donor_units + {{ var('donor_prior') }})
    end as lent_weight,
    case
        when weighed_cells.units > 0 then 0.0
        else weighed_cells.cell_weight * {{ var('donor_prior') }} / (donors.donor_units + {{ var('donor_prior') }})
    end as kept_weight
from weighed_cells
inner join donors
    on
        weighed_cells.level = donors.level
        and weighed_cells.period_key = donors.period_key
        and weighed_cells.weighting = donors.weighting
        and weighed_cells.segment = donors.segment
        and weighed_cells.role = donors.role
