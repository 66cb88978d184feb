{{ maintained(unit='period_key', outdated='int_periods_outdated') }}
/*
Grain    one row per survey level, period and counted response
Measure  the latest answer of each contact to the recommendation question within level and period
Nulls    none; responses without a valid answer, or of an unknown survey, are absent
*/
with

responses as (

    select *
    from {{ ref('int_survey_responses_resolved') }}
    where nps_value is not null and level is not null

),

periods as (

    select *
    from {{ ref('int_periods_listed') }}
    where {{ only_outdated('period_key') }}

),

ranked as (

    select
        responses.level,
        periods.period_key,
        responses.response_id,
        row_number() over (
            partition by responses.level, periods.period_key, responses.contact_key
            order by responses.submitted_at desc, responses.response_id desc
        ) as recency
    from responses
    inner join periods
        on
            responses.submitted_on >= periods.period_start
            and responses.submitted_on < periods.period_end

)

select
    level,
    period_key,
    response_id
from ranked
where recency = 1
