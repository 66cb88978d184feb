{{ config(materialized='table') }}
/*
Grain    one row per touchpoint or experience response, account, touchpoint and product of the interactions it
         asks about, and pair of accountable and handling team
Measure  weight of these interactions: the one (touchpoint), its journey up to the answer (experience), each times its
         relevance to the respondent
Nulls    product_id where none was landed; responses without a relevant interaction are absent
*/
with

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

interactions as (

    select *
    from {{ ref('int_interactions__resolved') }}
    where not is_internal

),

matches as (

    select
        responses.response_id,
        interactions.relevant_touchpoint,
        interactions.account_id,
        interactions.touchpoint,
        interactions.product_id,
        interactions.accountable_team_id,
        interactions.handling_team_id
    from responses
    inner join interactions on responses.interaction_id = interactions.interaction_id
    where responses.level = 'touchpoint'

    union all

    select
        responses.response_id,
        interactions.relevant_touchpoint,
        interactions.account_id,
        interactions.touchpoint,
        interactions.product_id,
        interactions.accountable_team_id,
        interactions.handling_team_id
    from responses
    inner join interactions
        on
            responses.journey_id = interactions.journey_id
            and responses.counted_account_id = interactions.counted_account_id
            and responses.submitted_at >= interactions.occurred_at
    where responses.level = 'experience'

)

{{ relevant_interactions(
    'matches', ['account_id', 'touchpoint', 'product_id', 'accountable_team_id', 'handling_team_id']
) }}
