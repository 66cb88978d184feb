/*
Grain    one row per response and subject (a metric or a measure) it speaks of, apart for answers that matter to the
         respondent's roles and answers that do not
Measure  value: what the response says of the subject, the mean of its answers on 0 to 100. A metric is asked of
         everybody, whatever the role
Nulls    none: answers without a scale or in words are absent
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
    from {{ ref('int_answers__scores') }}
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

)

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
