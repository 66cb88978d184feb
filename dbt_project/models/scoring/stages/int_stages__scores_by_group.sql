{%- set splits = columns_of(account_attributes()) -%}
/*
Grain    one row per period, journey, stage, split, group and metric (nps, csat) with an answer
Measure  score: mean of the answers given, once they had been in the stage, by those who entered it in the period
Nulls    score of suppressed groups
*/
with

answers as (

    select * from {{ ref('int_stages__answers_by_account') }}

),

sums as (

    select
        period_key,
        journey,
        stage,
        metric,
        {{ group_columns(splits) }},
        cast(sum(points) as {{ type_double() }}) / cast(sum(response_count) as bigint) as score,
        cast(sum(response_count) as bigint) as response_count,
        count(distinct counted_account_id) as account_count
    from answers
    {{ group_sets(['period_key', 'journey', 'stage', 'metric'], splits) }}  -- noqa: PRS

),

judged as (

    select
        *,
        -- plain answers: all weigh alike
        response_count as weight_share,
        {{ suppressed_reason(
            'response_count', 'account_count', '1.0 / response_count', is_exempt_from_accounts="split = 'total'"
        ) }} as own_reason
    from sums

),

shown as (

    {{ with_complement('judged', ['period_key', 'journey', 'stage', 'metric', 'split'], 'group_id') }}

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
