{{ maintained(unit='period_key', outdated='int_answer_periods_outdated') }}
/*
Grain    one row per survey level, period, subject (a metric or a measure) and counted response, apart for answers that
         matter to the respondent's roles and answers that do not
Measure  value: what the response says of the subject, the mean of its answers on 0 to 100; of a contact the latest
         response with such an answer counts within level and period. A metric is asked of everybody, whatever the role
Nulls    none: answers without a scale, in words or of an unknown survey are absent
*/
with

answers as (

    select
        response_id,
        metric,
        measure,
        score,
        score_normalised,
        is_relevant_to_role,
        cast(scale_min as varchar) || ' to ' || cast(scale_max as varchar)
        || case when is_reversed then ' reversed' else '' end as scale,
        case when is_reversed then score - scale_min else scale_max - score end as points_below_top
    from {{ ref('int_survey_answers_scored') }}
    where score_normalised is not null

),

subjects as (

    select
        *,
        'metric' as kind,
        metric as subject,
        true as is_relevant
    from answers

    union all

    select
        *,
        'measure' as kind,
        measure as subject,
        is_relevant_to_role as is_relevant
    from answers
    where measure <> 'unknown'

),

heard as (

    select
        kind,
        subject,
        is_relevant,
        response_id,
        {{ stable_sum('score') }} / count(*) as score,
        {{ stable_sum('score_normalised') }} / count(*) as value,
        {{ stable_sum('case when points_below_top <= 0 then 1 else 0 end') }} / count(*) as top_box,
        {{ stable_sum('case when points_below_top <= 1 then 1 else 0 end') }} / count(*) as top_two,
        min(scale) as first_scale,
        max(scale) as last_scale
    from subjects
    group by
        kind,
        subject,
        is_relevant,
        response_id

),

responses as (

    select *
    from {{ ref('int_survey_responses_resolved') }}
    where level is not null

),

periods as (

    select *
    from {{ ref('int_periods_listed') }}
    where {{ only_outdated('period_key') }}

),

-- an answer is the latest of its contact in a period that ends before the next one
ordered as (

    select
        heard.*,
        responses.level,
        responses.submitted_on,
        lead(responses.submitted_on) over (
            partition by
                responses.level, heard.kind, heard.subject, heard.is_relevant, responses.contact_key
            order by responses.submitted_at, responses.response_id
        ) as followed_on
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
inner join periods
    on
        ordered.submitted_on >= periods.period_start
        and ordered.submitted_on < periods.period_end
where
    ordered.followed_on is null
    or ordered.followed_on >= periods.period_end
