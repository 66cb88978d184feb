{{ maintained(unit='response_id', outdated='int_attributions_outdated') }}
/*
Grain    one row per scored response and pair of accountable and handling team
Measure  weight of the interactions asked about: the one (touchpoint), its journey up to the answer (experience), the
         respondent's own within the window (relationship), each times its relevance to the respondent
Nulls    none: responses without a relevant interaction are absent
*/
with

responses as (

    select *
    from {{ ref('int_survey_responses_resolved') }}
    where
        nps_value is not null
        and {{ only_outdated('response_id') }}

),

interactions as (

    select * from {{ ref('int_interactions_resolved') }}

),

matches as (

    select
        responses.response_id,
        interactions.relevant_touchpoint,
        interactions.accountable_team_id,
        interactions.handling_team_id
    from responses
    inner join interactions on responses.interaction_id = interactions.interaction_id
    where responses.level = 'touchpoint'

    union all

    select
        responses.response_id,
        interactions.relevant_touchpoint,
        interactions.accountable_team_id,
        interactions.handling_team_id
    from responses
    inner join interactions
        on
            responses.journey_id = interactions.journey_id
            and responses.counted_account_id = interactions.counted_account_id
            and responses.submitted_at >= interactions.occurred_at
    where responses.level = 'experience'

    union all

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
    where responses.level = 'relationship'

)

{{ relevant_interactions('matches') }}
