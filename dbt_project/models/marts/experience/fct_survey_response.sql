/*
Grain    one row per response
Measure  the answer to the recommendation question, and whether it counts in its calendar quarter
Nulls    nps columns without a valid answer; level for a survey that was never landed
*/
with

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

counted as (

    select counted_responses.response_id
    from {{ ref('int_responses__counted_by_period') }} as counted_responses
    inner join {{ ref('int_periods__listed') }} as periods on counted_responses.period_key = periods.period_key
    where periods.period_grain = 'quarter'

),

clock as (

    select as_of from {{ source('memory', 'clock') }}

)

select
    responses.response_id,
    responses.survey_id,
    responses.level,
    responses.account_id,
    case when responses.is_contact_known then responses.contact_key else 'unknown' end as contact_key,
    responses.channel,
    responses.submitted_at,
    cast(date_trunc('quarter', responses.submitted_on) as date) as quarter_start,
    cast(date_trunc('month', responses.submitted_on) as date) as month_start,
    counted.response_id is not null as is_counted,
    case
        when counted.response_id is not null then null
        when responses.level is null then 'unknown_survey'
        when responses.nps_score is null then 'no_nps_answer'
        when date_trunc('quarter', responses.submitted_at) > clock.as_of then 'after_the_clock'
        else 'later_response_in_quarter'
    end as not_counted_reason,
    responses.nps_score,
    {{ nps_group('responses.nps_value') }} as nps_group
from responses
cross join clock
left join counted on responses.response_id = counted.response_id
