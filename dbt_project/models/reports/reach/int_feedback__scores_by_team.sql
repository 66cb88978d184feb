/*
Grain    one row per period, team and subject (csat, ces or a measure) with an answer at the level touchpoint
Measure  score: mean of the answers about interactions the team answers for, on 0 to 100 of their scales
Nulls    score of suppressed teams
*/
with

answers as (

    select
        response_id,
        'metric' as kind,
        metric as subject,
        score_normalised
    from {{ ref('int_answers__scores') }}
    where score_normalised is not null and metric in ('csat', 'ces')

    union all

    select
        response_id,
        'measure' as kind,
        measure as subject,
        score_normalised
    from {{ ref('int_answers__scores') }}
    where score_normalised is not null and measure <> 'unknown' and is_relevant_to_role

),

responses as (

    select *
    from {{ ref('int_responses__resolved') }}
    where level = 'touchpoint'

),

interactions as (

    select * from {{ ref('int_interactions__resolved') }}

),

period_days as (

    select * from {{ ref('int_periods__days') }}

),

heard as (

    select
        responses.submitted_on,
        coalesce(interactions.accountable_team_id, 'unattributed') as team_id,
        answers.kind,
        answers.subject,
        responses.response_id,
        responses.counted_account_id,
        {{ stable_sum('answers.score_normalised') }} / count(*) as value
    from responses
    inner join answers on responses.response_id = answers.response_id
    left join interactions on responses.interaction_id = interactions.interaction_id
    group by
        responses.submitted_on,
        coalesce(interactions.accountable_team_id, 'unattributed'),
        answers.kind,
        answers.subject,
        responses.response_id,
        responses.counted_account_id

),

sums as (

    select
        period_days.period_key,
        heard.team_id,
        heard.kind,
        heard.subject,
        {{ stable_sum('heard.value') }} / count(*) as score,
        count(*) as response_count,
        count(*) as weight_share,
        count(distinct heard.counted_account_id) as account_count
    from heard
    inner join period_days on heard.submitted_on = period_days.day
    group by
        period_days.period_key,
        heard.team_id,
        heard.kind,
        heard.subject

),

judged as (

    select
        *,
        {{ suppressed_reason('response_count', 'account_count', '1.0 / response_count') }} as own_reason
    from sums

),

shown as (

    {{ with_complement('judged', ['period_key', 'kind', 'subject'], 'team_id') }}

)

select
    period_key,
    team_id,
    kind,
    subject,
    {{ unless_suppressed('score') }} as score,
    response_count,
    suppressed_reason
from shown
