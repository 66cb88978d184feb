{{ config(materialized='table') }}
/*
Grain    one row per response
Measure  who answered for which account at which level, and the answer to the recommendation question
Nulls    nps_score and nps_value without a valid answer to it; level is null for a survey that was never landed;
         contact_key where nobody is named
*/
with

responses as (

    select * from {{ ref('stg_survey__responses') }}

),

surveys as (

    select * from {{ ref('stg_survey__surveys') }}

),

answers as (

    select *
    from {{ ref('int_answers__verdicts') }}
    where standing = 'surviving'

),

merged as (

    select * from {{ ref('int_accounts__merges') }}

),

contact_merges as (

    select * from {{ ref('int_contacts__merges') }}

),

nps_answers as (

    select
        response_id,
        -- one recommendation question a survey is tested; until it is mended the greater id speaks
        max(question_id) as question_id
    from answers
    where metric = 'nps'
    group by response_id

),

scores as (

    select
        answers.response_id,
        cast(answers.score as bigint) as nps_score
    from answers
    inner join nps_answers
        on
            answers.response_id = nps_answers.response_id
            and answers.question_id = nps_answers.question_id

)

select
    responses.response_id,
    responses.survey_id,
    surveys.level,
    responses.invitation_id,
    coalesce(merged.surviving_account_id, 'unknown') as account_id,
    coalesce({{ counted_account_id('merged', 'responses.account_id') }}, 'unknown') as counted_account_id,
    {{ counted_contact_key('contact_merges', 'responses.contact_key') }} as contact_key,
    {{ is_contact_known('contact_merges') }} as is_contact_known,
    -- whoever never landed is nobody else: each such answer is a respondent of its own
    case
        when contact_merges.landed_contact_key is null then 'response ' || responses.response_id
        else {{ counted_contact_key('contact_merges', 'responses.contact_key') }}
    end as respondent_key,
    coalesce(responses.channel, 'unknown') as channel,
    responses.started_at,
    responses.submitted_at,
    {{ day_of('responses.submitted_at') }} as submitted_on,
    responses.language,
    responses.interaction_id,
    responses.journey_id,
    scores.nps_score,
    {{ nps_value('scores.nps_score') }} as nps_value
from responses
left join surveys on responses.survey_id = surveys.survey_id
left join merged on responses.account_id = merged.landed_account_id
left join contact_merges on responses.contact_key = contact_merges.landed_contact_key
left join scores on responses.response_id = scores.response_id
