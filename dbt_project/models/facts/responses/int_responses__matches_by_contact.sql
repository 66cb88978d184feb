/*
Grain    one row per relationship response with relevant interactions of the respondent, and pair of accountable and
         handling team
Measure  weight of the respondent's own interactions within the window, each times its relevance to the respondent
Nulls    none: responses without such an interaction are absent
*/
with

responses as (

    select *
    from {{ ref('int_responses__resolved') }}
    where level = 'relationship'

),

interactions as (

    select * from {{ ref('int_interactions__resolved') }}

),

matches as (

    select
        responses.response_id,
        interactions.relevant_touchpoint,
        interactions.accountable_team_id,
        interactions.handling_team_id
    from responses
    inner join interactions
        on
            responses.contact_key = interactions.contact_key
            and {{ in_attribution_window('interactions', 'responses') }}

)

{{ relevant_interactions('matches', ['accountable_team_id', 'handling_team_id']) }}
