/*
Grain    one row per contact, account, role and spell; those of contacts or accounts that are not known together
Measure  when a person held a role at an account
Nulls    valid_to while open
*/
with

spells as (

    select * from {{ ref('int_contacts__role_spells') }}

)

select
    case when is_contact_known then contact_key else 'unknown' end as contact_key,
    account_id,
    role,
    valid_from,
    valid_to
from spells
group by
    case when is_contact_known then contact_key else 'unknown' end,
    account_id,
    role,
    valid_from,
    valid_to
