/*
Grain    one row per survey level, period, segment and role of the frame that weighs
Measure  units: how much of the role was answered in the segment; per weighting value and account what is silent: cells
         (value_cell_weight, account_cell_weight), and of these the cells of silent accounts (value_account_weight,
         account_account_weight). It is what the frame has less what answered, both sums of the same terms in fixed
         point: exactly 0 where all answered, and silent accounts cost one pass over the frame for all levels
Nulls    none
*/
with

frame_roles as (

    select
        period_key,
        segment,
        role,
        {{ exact_sum('value_weight') }} as value_weight,
        {{ exact_sum('account_weight') }} as account_weight
    from {{ ref('int_frame__cell_weights') }}
    group by
        period_key,
        segment,
        role

),

answering_roles as (

    select
        level,
        period_key,
        segment,
        role,
        {{ exact_sum('value_weight') }} as value_account_weight,
        {{ exact_sum('account_weight') }} as account_account_weight,
        {{ exact_sum('case when units > 0 then value_weight else 0 end') }} as value_cell_weight,
        {{ exact_sum('case when units > 0 then account_weight else 0 end') }} as account_cell_weight,
        {{ stable_sum('units') }} as units
    from {{ ref('int_nps__answered_cells') }}
    group by
        level,
        period_key,
        segment,
        role

),

levels as (

    select
        level,
        period_key
    from answering_roles
    group by
        level,
        period_key

)

select
    levels.level,
    levels.period_key,
    frame_roles.segment,
    frame_roles.role,
    coalesce(answering_roles.units, 0) as units,
    cast(
        frame_roles.value_weight - coalesce(answering_roles.value_cell_weight, 0) as {{ type_double() }}
    ) as value_cell_weight,
    cast(
        frame_roles.value_weight - coalesce(answering_roles.value_account_weight, 0) as {{ type_double() }}
    ) as value_account_weight,
    cast(
        frame_roles.account_weight - coalesce(answering_roles.account_cell_weight, 0) as {{ type_double() }}
    ) as account_cell_weight,
    cast(
        frame_roles.account_weight - coalesce(answering_roles.account_account_weight, 0) as {{ type_double() }}
    ) as account_account_weight
from levels
inner join frame_roles on levels.period_key = frame_roles.period_key
left join answering_roles
    on
        levels.level = answering_roles.level
        and levels.period_key = answering_roles.period_key
        and frame_roles.segment = answering_roles.segment
        and frame_roles.role = answering_roles.role
