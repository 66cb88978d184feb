/*
Grain    one row per survey level, period, account and role that answered
Measure  what each unit of share answered in the cell weighs: value_weight and account_weight in the headline under
         these weightings, which is its part of the cell, of what the account's silent cells keep, and of silence
         elsewhere; own_weight in the score of its account
Nulls    none
*/
with

cells as (

    select * from {{ ref('int_nps__answered_cells') }}

),

silence as (

    select * from {{ ref('int_nps__donor_weights') }}

),

accounts as (

    select
        cells.level,
        cells.period_key,
        cells.account_id,
        {{ stable_sum('case when cells.units > 0 then cells.role_weight else 0 end') }} as answering_role_weight,
        -- (1 - lambda) of the silent roles
        {{ stable_sum(
            'case when cells.units > 0 then 0 else cells.role_weight * '
            ~ kept_share('coalesce(silence.donor_units, 0)') ~ ' end'
        ) }} as kept_role_weight
    from cells
    left join silence
        on
            cells.level = silence.level
            and cells.period_key = silence.period_key
            and cells.segment = silence.segment
            and cells.role = silence.role
    group by
        cells.level,
        cells.period_key,
        cells.account_id

)

select
    cells.level,
    cells.period_key,
    cells.account_id,
    cells.role,
    cells.value_weight / cells.units * (1 + accounts.kept_role_weight / accounts.answering_role_weight)
    + silence.value_weight as value_weight,
    cells.account_weight / cells.units * (1 + accounts.kept_role_weight / accounts.answering_role_weight)
    + silence.account_weight as account_weight,
    cells.role_weight / cells.units as own_weight
from cells
inner join accounts
    on
        cells.level = accounts.level
        and cells.period_key = accounts.period_key
        and cells.account_id = accounts.account_id
inner join silence
    on
        cells.level = silence.level
        and cells.period_key = silence.period_key
        and cells.segment = silence.segment
        and cells.role = silence.role
where cells.units > 0
