/*
Grain    one row per response and role its contact held at the account on the day it was submitted
Measure  role_share: 1/k with k roles
Nulls    responses without a role are absent
*/
with

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

contact_roles as (

    select * from {{ ref('int_contacts__role_spells') }}

),

roles as (

    select * from {{ ref('int_programme__roles') }}

)

select
    responses.response_id,
    contact_roles.role,
    roles.role_group,
    cast(1 as {{ type_double() }}) / count(*) over (partition by responses.response_id) as role_share
from responses
inner join contact_roles
    on
        responses.contact_key = contact_roles.contact_key
        and responses.account_id = contact_roles.account_id
        and {{ holds_day('contact_roles', 'responses.submitted_on') }}
inner join roles on contact_roles.role = roles.role
where
    responses.is_contact_known
    and responses.account_id <> 'unknown'
