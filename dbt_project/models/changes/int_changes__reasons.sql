/*
Grain    one row per survey level, period, number and reason
Measure  what touched the number's level and period since the last publication; what moves the headline moves the parts
         of teams as well
Nulls    none
*/
with

periods as (

    select * from {{ ref('int_periods__listed') }}

),

counted as (

    select * from {{ ref('int_responses__counted_by_period') }}

),

answers as (

    select * from {{ ref('int_changes__answers') }}

),

levels as (

    select level
    from {{ ref('stg_survey__surveys') }}
    group by level

),

headline_reasons as (

    select
        counted.level,
        counted.period_key,
        answers.reason
    from answers
    inner join counted
        on
            answers.level = counted.level
            and answers.response_id = counted.response_id

    union

    select
        answers.level,
        periods.period_key,
        answers.reason
    from answers
    inner join periods
        on
            answers.submitted_on >= periods.period_start
            and answers.submitted_on < periods.period_end
    where not answers.is_only_if_counted

    union

    select
        levels.level,
        frames.period_key,
        frames.reason
    from {{ ref('int_changes__frames') }} as frames
    cross join levels
    where frames.number = 'headline'

    union

    select
        levels.level,
        weights.period_key,
        'weight_change' as reason
    from {{ ref('int_changes__weights') }} as weights
    cross join levels

)

select
    level,
    period_key,
    'headline' as number,
    reason
from headline_reasons

union

select
    level,
    period_key,
    'team_contribution' as number,
    reason
from headline_reasons

union

select
    levels.level,
    frames.period_key,
    frames.number,
    frames.reason
from {{ ref('int_changes__frames') }} as frames
cross join levels

union

select
    counted.level,
    counted.period_key,
    'team_contribution' as number,
    attributions.reason
from {{ ref('int_changes__attributions') }} as attributions
inner join counted on attributions.response_id = counted.response_id
