{{ config(materialized='table') }}
/*
Grain    one row per contact and account after merges, role and spell; the spells of one role never overlap
Measure  valid_from up to valid_to, exclusive: when the contact held the role at the account
Nulls    valid_to is null while open
*/
with

contact_roles as (

    select * from {{ ref('stg_crm__contact_roles') }}

),

merged as (

    select * from {{ ref('int_accounts__merges') }}

),

contact_merges as (

    select * from {{ ref('int_contacts__merges') }}

),

spells as (

    select
        {{ counted_contact_key('contact_merges', 'contact_roles.contact_key') }} as contact_key,
        coalesce(merged.surviving_account_id, 'unknown') as account_id,
        {{ counted_account_id('merged', 'contact_roles.account_id') }} as counted_account_id,
        {{ is_contact_known('contact_merges') }} as is_contact_known,
        contact_roles.role,
        contact_roles.valid_from,
        coalesce(contact_roles.valid_to, {{ end_of_time() }}) as valid_to
    from contact_roles
    left join merged on contact_roles.account_id = merged.landed_account_id
    left join contact_merges on contact_roles.contact_key = contact_merges.landed_contact_key
    where contact_roles.valid_to is null or contact_roles.valid_from < contact_roles.valid_to

),

-- of spells that begin on one day, as they may after a merge, the longest holds the others
longest as (

    select
        contact_key,
        account_id,
        counted_account_id,
        is_contact_known,
        role,
        valid_from,
        max(valid_to) as valid_to
    from spells
    group by
        contact_key,
        account_id,
        counted_account_id,
        is_contact_known,
        role,
        valid_from

),

reaches as (

    select
        *,
        max(valid_to) over (
            partition by contact_key, counted_account_id, role
            order by valid_from
            rows between unbounded preceding and 1 preceding
        ) as reached
    from longest

),

islands as (

    select
        *,
        sum(case when reached is null or reached < valid_from then 1 else 0 end) over (
            partition by contact_key, counted_account_id, role
            order by valid_from
            rows between unbounded preceding and current row
        ) as island
    from reaches

)

select
    contact_key,
    account_id,
    counted_account_id,
    is_contact_known,
    role,
    min(valid_from) as valid_from,
    nullif(max(valid_to), {{ end_of_time() }}) as valid_to
from islands
group by
    contact_key,
    account_id,
    counted_account_id,
    is_contact_known,
    role,
    island
