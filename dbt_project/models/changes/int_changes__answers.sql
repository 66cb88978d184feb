/*
Grain    one row per survey level, day, response and reason for which it may count otherwise than when last published
Measure  is_only_if_counted: whether it matters only where the response is counted now; a response that was moved or
         deleted mattered where it was
Nulls    none
*/
with

responses as (

    select *
    from {{ ref('int_responses__resolved') }}
    where level is not null

),

response_changes as (

    {{ landed_changes(source('raw', 'survey_responses'), ['response_id'],
        ['survey_id', 'account_id', 'contact_id', 'submitted_at', 'interaction_id', 'journey_id'], people=true) }}

),

answer_changes as (

    {{ landed_changes(ref('int_answers__verdicts'), ['response_id', 'question_id'], ['score'],
        condition='verdict is null') }}

),

question_changes as (

    {{ landed_changes(source('raw', 'survey_questions'), ['survey_id', 'question_id'],
        ['metric', 'scale_min', 'scale_max', 'is_reversed'], has_deletions=false) }}

),

survey_changes as (

    {{ landed_changes(source('raw', 'survey_surveys'), ['survey_id'], ['level'], has_deletions=false) }}

),

contact_changes as (

    {{ landed_changes(source('raw', 'crm_contacts'), ['contact_id'], people=true) }}

),

questions as (

    select *
    from {{ ref('stg_survey__questions') }}
    where metric = 'nps'

),

landed as (

    select
        response_id,
        change
    from response_changes

    union

    select
        answer_changes.response_id,
        answer_changes.change
    from answer_changes
    inner join responses on answer_changes.response_id = responses.response_id
    inner join questions
        on responses.survey_id = questions.survey_id and answer_changes.question_id = questions.question_id

),

last_clock as (

    select min(as_of) as as_of
    from ({{ last_published('publications') }}) as last_publication

),

-- what could not be counted before, because something it needs was not there
completed as (

    select
        responses.response_id,
        case when question_changes.change = 'new' then 'late_record' else 'correction' end as reason
    from responses
    inner join question_changes on responses.survey_id = question_changes.survey_id
    where 'nps' in (question_changes.metric, question_changes.was_metric)

    union

    select
        responses.response_id,
        case when survey_changes.change = 'new' then 'late_record' else 'correction' end as reason
    from responses
    inner join survey_changes on responses.survey_id = survey_changes.survey_id

    union

    select
        responses.response_id,
        case when contact_changes.change = 'new' then 'late_record' else 'deletion' end as reason
    from responses
    inner join contact_changes on responses.contact_key = contact_changes.contact_key

)

select
    responses.level,
    responses.submitted_on,
    responses.response_id,
    case
        when landed.change = 'deleted' then 'deletion'
        when landed.change = 'corrected' then 'correction'
        when responses.submitted_at > last_clock.as_of then 'new_response'
        else 'late_response'
    end as reason,
    landed.change <> 'deleted' as is_only_if_counted
from responses
inner join landed on responses.response_id = landed.response_id
cross join last_clock

union

select
    responses.level,
    responses.submitted_on,
    responses.response_id,
    completed.reason,
    completed.reason <> 'correction' as is_only_if_counted
from responses
inner join completed on responses.response_id = completed.response_id

union

select
    surveys.level,
    {{ day_of('response_changes.was_submitted_at') }} as submitted_on,
    response_changes.response_id,
    case when response_changes.change = 'deleted' then 'deletion' else 'correction' end as reason,
    false as is_only_if_counted
from response_changes
inner join {{ ref('stg_survey__surveys') }} as surveys on response_changes.was_survey_id = surveys.survey_id
where
    response_changes.change = 'deleted'
    or (
        response_changes.change = 'corrected'
        and (
            response_changes.survey_id <> response_changes.was_survey_id
            or response_changes.submitted_at <> response_changes.was_submitted_at
            or response_changes.contact_key <> response_changes.was_contact_key
        )
    )
