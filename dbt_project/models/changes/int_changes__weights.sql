/*
Grain    one row per period in whose frame a role weighs otherwise than when last published
Measure  omega on the period's last day, compared with that of the programme then
Nulls    none: no weight is a weight of 0
*/
with

weights as (

    select * from {{ ref('int_programme__role_weights') }}

),

published_weights as (

    {{ last_published('published_role_weights') }}

),

-- a kind of client there was none of has no weight to compare
published_types as (

    select account_type
    from published_weights
    group by account_type

),

weights_there_were_not as (

    select
        role,
        account_type,
        weight,
        valid_from,
        valid_to
    from weights

    except

    select
        role,
        account_type,
        weight,
        valid_from,
        valid_to
    from published_weights

),

weights_there_were as (

    select
        role,
        account_type,
        weight,
        valid_from,
        valid_to
    from published_weights

    except

    select
        role,
        account_type,
        weight,
        valid_from,
        valid_to
    from weights

),

differences as (

    select * from weights_there_were_not

    union all

    select * from weights_there_were

),

changed_weights as (

    select
        differences.role,
        differences.account_type
    from differences
    inner join published_types on differences.account_type = published_types.account_type
    group by
        differences.role,
        differences.account_type

),

cells as (

    select
        cells.period_key,
        cells.role,
        cells.account_type,
        max(cells.role_weight) as role_weight
    from {{ ref('int_frame__cells') }} as cells
    inner join changed_weights
        on
            cells.role = changed_weights.role
            and cells.account_type = changed_weights.account_type
    group by
        cells.period_key,
        cells.role,
        cells.account_type

)

select cells.period_key
from cells
inner join {{ ref('int_periods__listed') }} as periods on cells.period_key = periods.period_key
left join published_weights
    on
        cells.role = published_weights.role
        and cells.account_type = published_weights.account_type
        and {{ holds_day('published_weights', add_days('periods.period_end', -1)) }}
where cells.role_weight <> coalesce(published_weights.weight, 0)
group by cells.period_key
