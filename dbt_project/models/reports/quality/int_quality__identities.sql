/*
Grain    one row per account, contact or response and rule about who is whom that it breaks
Measure  accounts that point at each other or at nobody, addresses and ids that several records share
Nulls    none
*/
with

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

versions as (

    select
        *,
        {{ version_rank(['contact_id']) }} as version_rank
    from {{ source('vault', 'crm_contacts') }}

),

places as (

    select
        contacts.contact_key,
        {{ counted_account_id('merged', 'contacts.account_id') }} as account_id,
        lower(trim(versions.email)) as address
    from {{ ref('stg_crm__contacts') }} as contacts
    inner join {{ ref('int_contacts__merges') }} as survivors
        on
            contacts.contact_key = survivors.surviving_contact_key
            and contacts.contact_key = survivors.landed_contact_key
    inner join {{ source('vault', 'contact_keys') }} as contact_keys on contacts.contact_key = contact_keys.contact_key
    inner join versions on contact_keys.contact_id = versions.contact_id and versions.version_rank = 1
    left join {{ ref('int_accounts__merges') }} as merged on contacts.account_id = merged.landed_account_id
    where trim(versions.email) <> ''

),

shared as (

    select
        contact_key,
        count(*) over (partition by account_id, address) as contact_count
    from places

),

refused as (

    select record_key[1] as account_id
    from {{ source('quarantine', 'records') }}
    where source = 'crm' and entity = 'accounts' and resolved_at is null
    group by record_key[1]

)

select
    'crm' as source,
    'accounts' as entity,
    account_id as key,
    'parent_cycle' as rule
from {{ ref('int_accounts__current') }}
where is_parent_cycle

union all

select
    'crm' as source,
    'accounts' as entity,
    accounts.account_id as key,
    'merged_into_nobody' as rule
from accounts
left join accounts as survivors on accounts.merged_into_account_id = survivors.account_id
where accounts.merged_into_account_id is not null and survivors.account_id is null and not accounts.is_deleted

union all

select
    'crm' as source,
    'accounts' as entity,
    responses.account_id as key,
    'account_in_quarantine' as rule
from {{ ref('stg_survey__responses') }} as responses
inner join refused on responses.account_id = refused.account_id
left join accounts on responses.account_id = accounts.account_id
where accounts.account_id is null
group by responses.account_id

union all

select
    'crm' as source,
    'contacts' as entity,
    contact_key as key,
    'address_shared' as rule
from shared
where contact_count > 1

union all

select
    'survey' as source,
    'responses' as entity,
    response_id as key,
    'response_in_two_surveys' as rule
from {{ source('raw', 'survey_responses') }}
group by response_id
having min(survey_id) <> max(survey_id)
