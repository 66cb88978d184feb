/*
Grain    one row per relationship response with relevant interactions in the days before it, and pair of accountable and
         handling team
Measure  weight of these interactions, each times its relevance to the respondent: the respondent's own, or, where none
         of them is relevant, all of the account (is_of_account)
Nulls    none: responses without a relevant interaction are absent
*/
with

responses as (

    select *
    from {{ ref('int_responses__resolved') }}
    where level = 'relationship'

),

interactions as (

    select *
    from {{ ref('int_interactions__resolved') }}
    where not is_internal

),

{% for about, key in {'contact': 'contact_key', 'account': 'counted_account_id'}.items() -%}
near_{{ about }} as (

    select
        responses.response_id,
        interactions.relevant_touchpoint,
        interactions.accountable_team_id,
        interactions.handling_team_id
    from responses
    inner join interactions
        on
            responses.{{ key }} = interactions.{{ key }}
            and {{ in_attribution_window('interactions', 'responses') }}
    {%- if about == 'account' %}
    where responses.response_id not in (select by_contact.response_id from by_contact)
    {%- endif %}

),

by_{{ about }} as (

    {{ relevant_interactions('near_' ~ about, ['accountable_team_id', 'handling_team_id']) }}

){{ ',' if not loop.last }}

{% endfor -%}
select
    response_id,
    accountable_team_id,
    handling_team_id,
    weight,
    false as is_of_account
from by_contact

union all

select
    response_id,
    accountable_team_id,
    handling_team_id,
    weight,
    true as is_of_account
from by_account
