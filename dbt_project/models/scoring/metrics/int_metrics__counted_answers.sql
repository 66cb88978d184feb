{{ config(materialized='table') }}
/*
Grain    one row per survey level, period, subject (a metric or a measure) and counted response, apart for answers that
         matter to the respondent's roles and answers that do not
Measure  what the response says of the subject; of a contact the latest response with such an answer counts within level
         and period
Nulls    none: answers without a scale, in words or of an unknown survey are absent
*/
with

heard as (

    select * from {{ ref('int_answers__means_by_response') }}

),

responses as (

    select *
    from {{ ref('int_responses__resolved') }}
    where level is not null

),

periods as (

    select * from {{ ref('int_periods_to_score') }}

),

ordered as (

    select
        heard.*,
        responses.level,
        responses.submitted_on,
        {{ followed_on('responses', ['level', 'kind', 'subject', 'is_relevant']) }} as followed_on
    from heard
    inner join responses on heard.response_id = responses.response_id

)

select
    ordered.level,
    periods.period_key,
    ordered.kind,
    ordered.subject,
    ordered.is_relevant,
    ordered.response_id,
    ordered.score,
    ordered.value,
    ordered.top_box,
    ordered.top_two,
    ordered.first_scale,
    ordered.last_scale
from ordered
inner join periods on {{ counts_in('periods', 'ordered') }}
