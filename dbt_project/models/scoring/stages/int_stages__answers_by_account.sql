{%- set client = (['counted_account_id'] + account_attributes()) | join(', ') -%}
/*
Grain    one row per account, groups it counts in, period, journey, stage and metric (nps, csat) with an answer
Measure  exact sums of the answers given, once they had been in the stage, by those who entered it in the period
Nulls    none
*/
with

answers as (

    select * from {{ ref('int_journeys__answers_by_stage_and_day') }}

),

period_days as (

    select * from {{ ref('int_periods__days_to_score') }}

),

-- numbers stand for stages and clients where there are millions of rows
stages as (

    select
        journey,
        stage,
        metric,
        row_number() over (order by journey, stage, metric) as stage_number
    from answers
    group by
        journey,
        stage,
        metric

),

clients as (

    select
        {{ client }},
        row_number() over (order by {{ client }}) as client_number
    from answers
    group by {{ client }}

),

numbered as (

    select
        stages.stage_number,
        clients.client_number,
        answers.entered_on,
        answers.previous_entered_on,
        answers.value
    from answers
    inner join stages on {{ same('answers', 'stages', ['journey', 'stage', 'metric']) }}
    inner join clients
        on {{ same('answers', 'clients', ['counted_account_id'] + account_attributes()) }}

),

heard as (

    select
        period_days.period_key,
        numbered.stage_number,
        numbered.client_number,
        count(*) as response_count,
        {{ exact_sum('numbered.value') }} as points
    from numbered
    inner join period_days
        on
            numbered.entered_on = period_days.day
            -- an answer counts once for a stage and period, however often the stage was visited
            and (
                numbered.previous_entered_on is null
                or numbered.previous_entered_on < period_days.period_start
            )
    group by
        period_days.period_key,
        numbered.stage_number,
        numbered.client_number

)

select
    heard.period_key,
    stages.journey,
    stages.stage,
    stages.metric,
    clients.counted_account_id,
    clients.{{ account_attributes() | join(',\n    clients.') }},
    heard.response_count,
    heard.points
from heard
inner join stages on heard.stage_number = stages.stage_number
inner join clients on heard.client_number = clients.client_number
