{{ config(materialized='table') }}
/*
Grain    one row per period, account in the frame and role present there
Measure  role_weight: omega valid on the period's last day
Nulls    none: a role without a valid weight weighs 0
*/
with

contacts as (

    select * from {{ ref('int_frame__contacts') }}

),

accounts as (

    select * from {{ ref('int_frame__accounts') }}

),

roles as (

    select * from {{ ref('int_programme__roles') }}

),

weights as (

    select
        periods.period_key,
        weights.role,
        weights.account_type,
        weights.weight
    from {{ ref('int_periods__listed') }} as periods
    inner join {{ ref('int_programme__role_weights') }} as weights
        on {{ holds_day('weights', add_days('periods.period_end', -1)) }}

),

cells as (

    select
        period_key,
        account_id,
        role
    from contacts
    group by
        period_key,
        account_id,
        role

)

select
    cells.period_key,
    cells.account_id,
    accounts.account_type,
    accounts.segment,
    cells.role,
    roles.role_group,
    cast(coalesce(weights.weight, 0) as {{ type_double() }}) as role_weight
from cells
inner join accounts
    on
        cells.period_key = accounts.period_key
        and cells.account_id = accounts.account_id
inner join roles on cells.role = roles.role
left join weights
    on
        cells.period_key = weights.period_key
        and cells.role = weights.role
        and accounts.account_type = weights.account_type
