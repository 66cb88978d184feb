/*
Grain    one row per period, account in the frame, role and contact who held it on some day of the period
Measure  the people who could have answered
Nulls    none
*/
with

accounts as (

    select * from {{ ref('int_nps_frame_accounts') }}

),

periods as (

    select * from {{ ref('int_periods_listed') }}

),

contact_roles as (

    select *
    from {{ ref('int_contact_roles_merged') }}
    where is_contact_known

),

roles as (

    select * from {{ ref('int_roles_listed') }}

)

select
    accounts.period_key,
    accounts.account_id,
    accounts.account_type,
    accounts.segment,
    accounts.region,
    contact_roles.role,
    roles.role_group,
    contact_roles.contact_key
from accounts
inner join periods on accounts.period_key = periods.period_key
inner join contact_roles
    on
        accounts.account_id = contact_roles.account_id
        and periods.period_end > contact_roles.valid_from
        and (contact_roles.valid_to is null or periods.period_start < contact_roles.valid_to)
inner join roles on contact_roles.role = roles.role
group by
    accounts.period_key,
    accounts.account_id,
    accounts.account_type,
    accounts.segment,
    accounts.region,
    contact_roles.role,
    roles.role_group,
    contact_roles.contact_key
