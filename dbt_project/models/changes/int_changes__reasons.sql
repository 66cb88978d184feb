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

published_weights as (

    {{ last_published('published_role_weights') }}

),

-- a kind of client there was none of has no weight to compare
published_types as (

    select account_type
    from published_weights
    group by account_type

),

weights as (

    select
        cells.period_key,
        cells.role,
        cells.account_type,
        max(cells.role_weight) as role_weight
    from {{ ref('int_frame__cells') }} as cells
    inner join published_types on cells.account_type = published_types.account_type
    group by
        cells.period_key,
        cells.role,
        cells.account_type

),

-- on the last day of the period a role in its frame weighs otherwise than when last published: no weight is 0
changed_weights as (

    select weights.period_key
    from weights
    inner join periods on weights.period_key = periods.period_key
    left join published_weights
        on
            weights.role = published_weights.role
            and weights.account_type = published_weights.account_type
            and {{ holds_day('published_weights', add_days('periods.period_end', -1)) }}
    where weights.role_weight <> coalesce(published_weights.weight, 0)
    group by weights.period_key

),

headline_reasons as (

    select
        counted.level,
        counted.period_key,
        answers.reason
    from answers
    inner join counted on answers.level = counted.level and answers.response_id = counted.response_id

    union

    select
        answers.level,
        periods.period_key,
        answers.reason
    from answers
    inner join periods
        on answers.submitted_on >= periods.period_start and answers.submitted_on < periods.period_end
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
        changed_weights.period_key,
        'weight_change' as reason
    from changed_weights
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
