/*
Grain    one row per period, account in the frame and role present there
Measure  role_weight: omega valid on the period's last day
Nulls    none: a role without a valid weight weighs 0
*/
with

contacts as (

    select * from {{ ref('int_nps_frame_contacts') }}

),

periods as (

    select * from {{ ref('int_periods_listed') }}

),

weights as (

    select * from {{ ref('int_role_weights_resolved') }}

),

cells as (

    select
        period_key,
        account_id,
        account_type,
        segment,
        region,
        role,
        role_group
    from contacts
    group by
        period_key,
        account_id,
        account_type,
        segment,
        region,
        role,
        role_group

)

select
    cells.*,
    cast(coalesce(weights.weight, 0) as {{ type_double() }}) as role_weight
from cells
inner join periods on cells.period_key = periods.period_key
left join weights
    on
        cells.role = weights.role
        and cells.account_type = weights.account_type
        and {{ holds_day('weights', add_days('periods.period_end', -1)) }}
