{%- set splits = ['total', 'account_type', 'segment', 'region'] -%}
/*
Grain    one row per period, journey, stage, split, group and metric (nps, csat) with an answer
Measure  score: mean of the answers given, once they had been in the stage, by those who entered it in the period
Nulls    score of suppressed groups
*/
with

visits as (

    select * from {{ ref('int_stage_visits_ordered') }}

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

),

answers as (

    select * from {{ ref('int_journey_answers_matched') }}

),

period_days as (

    select * from {{ ref('int_period_days_listed') }}

),

passed as (

    select
        answers.*,
        visits.journey,
        visits.stage,
        visits.account_id,
        {{ day_of('visits.entered_at') }} as entered_on
    from answers
    inner join visits
        on
            answers.journey_instance_id = visits.journey_instance_id
            and answers.submitted_at >= visits.entered_at

),

-- an answer counts once for a stage and period, however often the stage was visited
heard as (

    select
        period_days.period_key,
        passed.journey,
        passed.stage,
        passed.metric,
        passed.response_id,
        min(passed.account_id) as account_id,
        min(passed.counted_account_id) as counted_account_id,
        min(passed.value) as value
    from passed
    inner join period_days on passed.entered_on = period_days.day
    group by
        period_days.period_key,
        passed.journey,
        passed.stage,
        passed.metric,
        passed.response_id

),

placed as (

    select
        heard.*,
        'total' as total,
        coalesce(accounts.account_type, 'unknown') as account_type,
        coalesce(accounts.segment, 'unknown') as segment,
        coalesce(accounts.region, 'unknown') as region
    from heard
    left join accounts on heard.account_id = accounts.account_id

),

sums as (

    {% for split in splits -%}
    select
        period_key,
        journey,
        stage,
        '{{ split }}' as split,
        {{ split }} as group_id,
        metric,
        {{ stable_sum('value') }} / count(*) as score,
        count(*) as response_count,
        -- plain answers: all weigh alike
        count(*) as weight_share,
        count(distinct counted_account_id) as account_count
    from placed
    group by
        period_key,
        journey,
        stage,
        {{ split }},
        metric
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

),

judged as (

    select
        *,
        {{ suppressed_reason(
            'response_count', 'account_count', '1.0 / response_count', is_exempt_from_accounts="split = 'total'"
        ) }} as own_reason
    from sums

),

shown as (

    {{ with_complement('judged', ['period_key', 'journey', 'stage', 'split', 'metric'], 'group_id') }}

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
