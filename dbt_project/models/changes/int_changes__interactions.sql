/*
Grain    one row per interaction and reason for which it speaks for another team than when last published
Measure  its accountable team then, by the owners the programme had, and whether its touchpoint was as relevant
Nulls    none
*/
with

interactions as (

    select * from {{ ref('int_interactions__resolved') }}

),

owners as (

    {{ last_published('published_owners') }}

),

different_owners as (

    select
        touchpoint,
        account_type,
        region,
        team_id,
        valid_from,
        valid_to
    from {{ ref('int_programme__owners') }}

    except

    select
        touchpoint,
        account_type,
        region,
        team_id,
        valid_from,
        valid_to
    from owners

),

changed_owners as (

    select touchpoint
    from different_owners
    group by touchpoint

),

published_relevance as (

    {{ last_published('published_relevance') }}

),

changed_relevance as (

    select relevance.touchpoint
    from {{ ref('int_programme__relevance') }} as relevance
    inner join published_relevance
        on
            relevance.role = published_relevance.role
            and relevance.touchpoint = published_relevance.touchpoint
    where relevance.relevance <> published_relevance.relevance
    group by relevance.touchpoint

)

select
    interactions.interaction_id,
    'owner_change' as reason
from interactions
inner join changed_owners on interactions.touchpoint = changed_owners.touchpoint
inner join owners
    on
        interactions.touchpoint = owners.touchpoint
        and interactions.account_type = owners.account_type
        and interactions.region = owners.region
        and {{ holds_day('owners', day_of('interactions.occurred_at')) }}
where interactions.accountable_team_id <> owners.team_id

union all

select
    interactions.interaction_id,
    'relevance_change' as reason
from interactions
inner join changed_relevance on interactions.relevant_touchpoint = changed_relevance.touchpoint
