{{ config(materialized='table') }}
/*
Grain    one row per response, with a recommendation score or without, attribution rule and team
Measure  share: the team's part of the response by the relevant interactions it answers for (owner) or handled
         (handler); the shares of a response sum to 1
Nulls    none: what can't be shared belongs to `unattributed`
*/
with

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

matches as (

    {% for about in ('interaction', 'window') -%}
    select
        response_id,
        accountable_team_id,
        handling_team_id,
        weight
    from {{ ref('int_responses__matches_by_' ~ about) }}
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

),

team_matches as (

    select
        response_id,
        'owner' as attribution_rule,
        accountable_team_id as team_id,
        weight
    from matches

    union all

    select
        response_id,
        'handler' as attribution_rule,
        handling_team_id as team_id,
        weight
    from matches

),

teams as (

    select
        response_id,
        attribution_rule,
        team_id,
        {{ stable_sum('weight') }} as weight
    from team_matches
    group by
        response_id,
        attribution_rule,
        team_id

),

rules as (

    select 'owner' as attribution_rule

    union all

    select 'handler' as attribution_rule

)

{{ shares_of_responses('responses', 'rules', 'teams', 'attribution_rule', 'team_id', 'unattributed') }}
