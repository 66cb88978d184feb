/*
Grain    one row per period, account in the frame, role and contact who held it on some day of the period
Measure  the people who could have answered; has_one_place: whether the contact never had another role or account
Nulls    none
*/
with

accounts as (

    select * from {{ ref('int_frame__accounts') }}

),

periods as (

    select * from {{ ref('int_periods__listed') }}

),

contact_roles as (

    select
        contact_key,
        account_id,
        role,
        valid_from,
        valid_to,
        lag(valid_to) over (
            partition by contact_key, account_id, role order by valid_from
        ) as previous_valid_to,
        min(account_id) over (partition by contact_key) = max(account_id) over (partition by contact_key)
        and min(role) over (partition by contact_key) = max(role) over (partition by contact_key) as has_one_place
    from {{ ref('int_contacts__role_spells') }}
    -- spells at two unknown accounts may begin on one day, and are in no frame
    where is_contact_known and account_id <> 'unknown'

),

roles as (

    select * from {{ ref('int_programme__roles') }}

)

select
    accounts.period_key,
    accounts.account_id,
    accounts.{{ account_attributes() | join(',\n    accounts.') }},
    contact_roles.role,
    roles.role_group,
    contact_roles.contact_key,
    contact_roles.has_one_place
from accounts
inner join periods on accounts.period_key = periods.period_key
inner join contact_roles
    on
        accounts.account_id = contact_roles.account_id
        and periods.period_end > contact_roles.valid_from
        and (contact_roles.valid_to is null or periods.period_start < contact_roles.valid_to)
        -- of the spells of a role in the period the first stands for all: they never overlap
        and (contact_roles.previous_valid_to is null or periods.period_start >= contact_roles.previous_valid_to)
inner join roles on contact_roles.role = roles.role
