/*
Grain    one row per survey level, period, account in the frame and part of it: all roles, each role, each role group
Measure  role_coverage: weight of the answering among the present roles of that part
Nulls    role_coverage is null where no present role of the part weighs
*/
with

levels as (

    select
        level,
        period_key
    from {{ ref('int_nps_units') }}
    group by
        level,
        period_key

),

cells as (

    select * from {{ ref('int_nps_frame_cells') }}

),

answers as (

    select
        level,
        period_key,
        account_id,
        role
    from {{ ref('int_nps_units') }}
    where has_cell
    group by
        level,
        period_key,
        account_id,
        role

),

covered_cells as (

    select
        levels.level,
        cells.*,
        case when answers.role is not null then cells.role_weight else 0 end as answered_role_weight
    from levels
    inner join cells on levels.period_key = cells.period_key
    left join answers
        on
            levels.level = answers.level
            and cells.period_key = answers.period_key
            and cells.account_id = answers.account_id
            and cells.role = answers.role

),

parts as (

    select
        level,
        period_key,
        'account' as part,
        'all' as part_id,
        account_id,
        {{ stable_sum('role_weight') }} as role_weight,
        {{ stable_sum('answered_role_weight') }} as answered_role_weight
    from covered_cells
    group by
        level,
        period_key,
        account_id

    union all

    select
        level,
        period_key,
        'role_group' as part,
        role_group as part_id,
        account_id,
        {{ stable_sum('role_weight') }} as role_weight,
        {{ stable_sum('answered_role_weight') }} as answered_role_weight
    from covered_cells
    group by
        level,
        period_key,
        role_group,
        account_id

    union all

    select
        level,
        period_key,
        'role' as part,
        role as part_id,
        account_id,
        role_weight,
        answered_role_weight
    from covered_cells

)

select
    level,
    period_key,
    part,
    part_id,
    account_id,
    answered_role_weight / nullif(role_weight, 0) as role_coverage
from parts
