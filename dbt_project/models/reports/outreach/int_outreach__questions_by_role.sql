/*
Grain    one row per role of the programme
Measure  questions: the recommendation, then the measures of the relationship survey the role has said least about in
         the last year
Nulls    none
*/
with

clock as (

    select as_of from {{ source('memory', 'clock') }}

),

roles as (

    select role from {{ ref('roles') }}

),

measures as (

    select questions.measure
    from {{ ref('stg_survey__questions') }} as questions
    inner join {{ ref('stg_survey__surveys') }} as surveys on questions.survey_id = surveys.survey_id
    where surveys.level = 'relationship' and questions.measure is not null and questions.metric <> 'nps'
    group by questions.measure

),

answers as (

    select
        response_roles.role,
        answers.measure,
        count(*) as answer_count
    from {{ ref('int_answers__verdicts') }} as answers
    inner join {{ ref('int_responses__resolved') }} as responses on answers.response_id = responses.response_id
    inner join {{ ref('int_responses__roles') }} as response_roles
        on answers.response_id = response_roles.response_id
    cross join clock
    where
        answers.standing = 'surviving'
        and answers.score is not null
        and responses.level = 'relationship'
        and responses.submitted_at <= clock.as_of
        and responses.submitted_at > clock.as_of - interval '{{ var("trailing_year_days") }}' day
    group by
        response_roles.role,
        answers.measure

),

ranked as (

    select
        roles.role,
        measures.measure,
        row_number() over (
            partition by roles.role order by coalesce(answers.answer_count, 0), measures.measure
        ) as need
    from roles
    cross join measures
    left join answers on roles.role = answers.role and measures.measure = answers.measure

),

chosen as (

    select *
    from ranked
    where need <= {{ var('outreach_measure_count') }}

)

select
    roles.role,
    'nps' || coalesce(', ' || {{ string_agg_sorted('chosen.measure', ', ', 'chosen.need') }}, '') as questions
from roles
left join chosen on roles.role = chosen.role
group by roles.role
