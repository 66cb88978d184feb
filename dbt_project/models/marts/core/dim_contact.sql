/*
Grain    one row per surviving contact, and the member `unknown`
Measure  who a person is to us without saying who it is: account, site, role now, language, consent
Nulls    language and preferred_channel as the source left them
*/
with

contacts as (

    select contacts.*
    from {{ ref('stg_crm__contacts') }} as contacts
    inner join {{ ref('int_contacts__merges') }} as survivors
        on
            contacts.contact_key = survivors.landed_contact_key
            and contacts.contact_key = survivors.surviving_contact_key

),

merged as (

    select * from {{ ref('int_accounts__merges') }}

),

sites as (

    select * from {{ ref('stg_crm__sites') }}

),

contact_roles as (

    select * from {{ ref('int_contacts__leading_role_spells') }}

),

clock as (

    select {{ day_of('as_of') }} as today from {{ source('memory', 'clock') }}

)

select
    contacts.contact_key,
    coalesce(merged.surviving_account_id, 'unknown') as account_id,
    coalesce(sites.site_id, 'unknown') as site_id,
    coalesce(contact_roles.role, 'unassigned') as role,
    contacts.language,
    contacts.preferred_channel,
    contacts.is_active,
    contacts.has_opted_out
from contacts
cross join clock
left join merged on contacts.account_id = merged.landed_account_id
left join sites on contacts.site_id = sites.site_id
left join contact_roles
    on
        contacts.contact_key = contact_roles.contact_key
        and merged.surviving_account_id = contact_roles.account_id
        and {{ holds_day('contact_roles', 'clock.today') }}

union all

select
    'unknown' as contact_key,
    'unknown' as account_id,
    'unknown' as site_id,
    'unassigned' as role,
    cast(null as varchar) as language,
    cast(null as varchar) as preferred_channel,
    false as is_active,
    false as has_opted_out
