/*
Grain    one row per interaction whose place may have changed since the last publication
Measure  interactions that landed, and those of accounts, contacts, sites and products that changed
Nulls    none; an interaction that was deleted is here as well
*/
with

interactions as (

    select * from {{ ref('stg_crm__interactions') }}

)

{{ changed('stg_crm__interactions', 'interaction_id') }}

union

select interaction_id
from interactions
where account_id in (select accounts.landed_account_id from {{ ref('int_accounts_outdated') }} as accounts)

union

select interaction_id
from interactions
where contact_key in (select contacts.contact_key from {{ ref('int_contacts_outdated') }} as contacts)

union

select interaction_id
from interactions
where site_id in ({{ changed('stg_crm__sites', 'site_id') }})

union

select interaction_id
from interactions
where product_id in ({{ changed('stg_crm__products', 'product_id') }})
