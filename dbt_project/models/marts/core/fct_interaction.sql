{{ config(materialized='view') }}
/*
Grain    one row per interaction
Measure  the contact with the client, the team that answers for it and the team that handled it
Nulls    journey columns for a touchpoint in no journey; handled_by_team_id where nobody is recorded
*/
with

interactions as (

    select * from {{ ref('int_interactions__resolved') }}

),

sites as (

    select * from {{ ref('stg_crm__sites') }}

),

products as (

    select * from {{ ref('stg_crm__products') }}

)

select
    interactions.interaction_id,
    interactions.account_id,
    case when interactions.is_contact_known then interactions.contact_key else 'unknown' end as contact_key,
    interactions.role,
    coalesce(sites.site_id, 'unknown') as site_id,
    coalesce(products.product_id, 'unknown') as product_id,
    interactions.touchpoint,
    interactions.journey,
    interactions.stage,
    interactions.journey_instance_id,
    interactions.channel,
    interactions.direction,
    interactions.occurred_at,
    interactions.accountable_team_id,
    interactions.handled_by_team_id,
    interactions.handled_by_team_id = interactions.accountable_team_id as is_handled_by_owner,
    interactions.effort_minutes,
    interactions.is_internal
from interactions
left join sites on interactions.site_id = sites.site_id
left join products on interactions.product_id = products.product_id
