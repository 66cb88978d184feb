{{ config(materialized='table') }}
/*
Grain    one row per interaction
Measure  who it was with, which journey and stage it belongs to, which team answers for it and which one handled it
Nulls    journey, stage and journey_instance_id are null for a touchpoint the programme does not list;
         handled_by_team_id is null where nobody is recorded
*/
with

interactions as (

    select * from {{ ref('stg_crm__interactions') }}

),

merged as (

    select * from {{ ref('int_accounts__merges') }}

),

accounts as (

    select * from {{ ref('int_accounts__current') }}

),

touchpoints as (

    select * from {{ ref('stg_programme__touchpoints') }}

),

contact_merges as (

    select * from {{ ref('int_contacts__merges') }}

),

contact_roles as (

    select * from {{ ref('int_contacts__leading_role_spells') }}

),

placed as (

    select
        interactions.*,
        {{ day_of('interactions.occurred_at') }} as occurred_on,
        coalesce(merged.surviving_account_id, 'unknown') as surviving_account_id,
        {{ counted_account_id('merged', 'interactions.account_id') }} as counted_account_id,
        {{ counted_contact_key('contact_merges', 'interactions.contact_key') }} as counted_contact_key,
        {{ is_contact_known('contact_merges') }} as is_contact_known,
        coalesce(accounts.account_type, 'unknown') as account_type,
        coalesce(accounts.region, 'unknown') as region,
        touchpoints.journey,
        touchpoints.stage
    from interactions
    left join merged on interactions.account_id = merged.landed_account_id
    left join accounts on merged.surviving_account_id = accounts.account_id
    left join contact_merges on interactions.contact_key = contact_merges.landed_contact_key
    left join touchpoints on interactions.touchpoint = touchpoints.touchpoint

)

select
    placed.interaction_id,
    placed.surviving_account_id as account_id,
    placed.counted_account_id,
    placed.account_type,
    placed.region,
    placed.counted_contact_key as contact_key,
    placed.is_contact_known,
    coalesce(contact_roles.role, 'unassigned') as role,
    placed.site_id,
    placed.product_id,
    placed.touchpoint,
    -- what relevance is looked up by: `*` for a touchpoint the programme does not list
    case when placed.journey is null then '*' else placed.touchpoint end as relevant_touchpoint,
    placed.journey,
    placed.stage,
    placed.journey_id,
    case
        when placed.journey is not null then {{ surrogate_key([
            'placed.counted_account_id',
            'placed.journey',
            'coalesce(placed.journey_id, placed.counted_account_id)',
        ]) }}
    end as journey_instance_id,
    placed.channel,
    placed.direction,
    placed.occurred_at,
    coalesce(owners.team_id, 'unattributed') as accountable_team_id,
    placed.handled_by_team as handled_by_team_id,
    coalesce(placed.handled_by_team, owners.team_id, 'unattributed') as handling_team_id,
    placed.effort_minutes,
    placed.is_internal
from placed
{{ join_owners('placed.touchpoint', 'placed', 'placed.occurred_on') }}
left join contact_roles
    on
        placed.counted_contact_key = contact_roles.contact_key
        and placed.surviving_account_id = contact_roles.account_id
        and {{ holds_day('contact_roles', 'placed.occurred_on') }}
