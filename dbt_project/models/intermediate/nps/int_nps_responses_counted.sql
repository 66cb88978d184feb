{{ maintained(unit='period_key', outdated='int_periods_outdated') }}
/*
Grain    one row per survey level, period and counted response
Measure  the latest answer of each contact to the recommendation question within level and period
Nulls    none; responses without a valid answer, or of an unknown survey, are absent
*/
with

-- a response is the latest of its contact in a period that ends before the next one
responses as (

    select
        level,
        response_id,
        submitted_on,
        lead(submitted_on) over (
            partition by level, contact_key order by submitted_at, response_id
        ) as followed_on
    from {{ ref('int_survey_responses_resolved') }}
    where nps_value is not null and level is not null

),

periods as (

    select *
    from {{ ref('int_periods_listed') }}
    where {{ only_outdated('period_key') }}

)

select
    responses.level,
    periods.period_key,
    responses.response_id
from responses
inner join periods
    on
        responses.submitted_on >= periods.period_start
        and responses.submitted_on < periods.period_end
where
    responses.followed_on is null
    or responses.followed_on >= periods.period_end
