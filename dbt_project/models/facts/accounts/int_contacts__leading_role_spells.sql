/*
Grain    one row per landed contact, account and spell
Measure  role: of the roles the contact holds at the account, the one of the greatest weight, ties by name
Nulls    valid_to is null while open; days without a role are absent
*/
with

spells as (

    select * from {{ ref('int_contacts__role_spells') }}

),

contact_roles as (

    select *
    from spells
    where is_contact_known and account_id <> 'unknown'

),

accounts as (

    select * from {{ ref('int_accounts__current') }}

),

weights as (

    select * from {{ ref('int_programme__role_weights') }}

),

candidates as (

    select
        contact_key,
        account_id,
        role,
        0 as weight,
        valid_from,
        valid_to
    from contact_roles

    -- no two alike
    union

    select
        contact_roles.contact_key,
        contact_roles.account_id,
        contact_roles.role,
        weights.weight,
        greatest(contact_roles.valid_from, weights.valid_from) as valid_from,
        nullif(
            least(
                coalesce(contact_roles.valid_to, {{ end_of_time() }}),
                coalesce(weights.valid_to, {{ end_of_time() }})
            ), {{ end_of_time() }}
        ) as valid_to
    from contact_roles
    inner join accounts on contact_roles.account_id = accounts.account_id
    inner join weights
        on
            contact_roles.role = weights.role
            and accounts.account_type = weights.account_type
            and weights.valid_from < coalesce(contact_roles.valid_to, {{ end_of_time() }})
            and contact_roles.valid_from < coalesce(weights.valid_to, {{ end_of_time() }})

)

{{ timeline('candidates', ['contact_key', 'account_id'], 'role', 'weight desc, role') }}
