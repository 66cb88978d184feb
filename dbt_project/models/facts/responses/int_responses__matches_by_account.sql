/*
Grain    one row per relationship response without a relevant interaction of its own, and pair of teams
Measure  weight of the account's interactions within the window, each times its relevance to the respondent
Nulls    none: responses whose account has no relevant interaction either are absent
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

matched as (

    select response_id
    from {{ ref('int_responses__matches_by_contact') }}
    group by response_id

),

matches as (

    select
        responses.response_id,
        interactions.relevant_touchpoint,
        interactions.accountable_team_id,
        interactions.handling_team_id
    from responses
    left join matched on responses.response_id = matched.response_id
    inner join interactions
        on
            responses.counted_account_id = interactions.counted_account_id
            and {{ in_attribution_window('interactions', 'responses') }}
    where matched.response_id is null

)

{{ relevant_interactions('matches', ['accountable_team_id', 'handling_team_id']) }}
