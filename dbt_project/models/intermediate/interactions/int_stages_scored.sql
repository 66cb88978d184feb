{{ maintained(unit='period_key', outdated='int_stage_answer_periods_outdated') }}
{%- set splits = {'account_type': 'account_type', 'segment': 'segment', 'region': 'region'} -%}
/*
Grain    one row per period, journey, stage, split, group and metric (nps, csat) with an answer
Measure  score: mean of the answers given, once they had been in the stage, by those who entered it in the period
Nulls    score of suppressed groups
*/
with

answers as (

    select * from {{ ref('int_stage_answers_placed') }}

),

period_days as (

    select *
    from {{ ref('int_period_days_listed') }}
    where {{ only_outdated('period_key') }}

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
        counted_account_id,
        account_type,
        segment,
        region,
        row_number() over (order by counted_account_id, account_type, segment, region) as client_number
    from answers
    group by
        counted_account_id,
        account_type,
        segment,
        region

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
        on {{ same('answers', 'clients', ['counted_account_id', 'account_type', 'segment', 'region']) }}

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

),

sums as (

    select
        heard.period_key,
        heard.stage_number,
        {{ group_columns(splits) }},
        cast(sum(heard.points) as {{ type_double() }}) / cast(sum(heard.response_count) as bigint) as score,
        cast(sum(heard.response_count) as bigint) as response_count,
        count(distinct clients.counted_account_id) as account_count
    from heard
    inner join clients on heard.client_number = clients.client_number
    {{ group_sets(['heard.period_key', 'heard.stage_number'], splits) }}  -- noqa: PRS

),

judged as (

    select
        sums.*,
        stages.journey,
        stages.stage,
        stages.metric,
        -- plain answers: all weigh alike
        sums.response_count as weight_share,
        {{ suppressed_reason(
            'sums.response_count', 'sums.account_count', '1.0 / sums.response_count',
            is_exempt_from_accounts="sums.split = 'total'"
        ) }} as own_reason
    from sums
    inner join stages on sums.stage_number = stages.stage_number

),

shown as (

    {{ with_complement('judged', ['period_key', 'stage_number', 'split'], 'group_id') }}

)

select
    period_key,
    journey,
    stage,
    split,
    group_id,
    metric,
    {{ unless_suppressed('score') }} as score,
    response_count,
    suppressed_reason
from shown
