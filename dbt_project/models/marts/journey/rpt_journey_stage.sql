{{ scored_by_period() }}
{%- set splits = columns_of(account_attributes()) -%}
/*
Grain    one row per period, journey, stage, split and group with a visit entered in the period
Measure  how long visits took, how many ran over their target or came back, and what those who passed said
Nulls    hours without a finished visit; over_target_share without a target; scores without answers or suppressed
*/
with

sums as (

    select * from {{ ref('int_stages__sums_by_group') }}

),

-- the mean of the answers given, once they had been in the stage, by those who entered it in the period
answers as (

    select * from {{ ref('int_stages__answers_by_account') }}

),

answer_sums as (

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
    from answer_sums

),

shown as (

    {{ with_complement('judged', ['period_key', 'journey', 'stage', 'metric', 'split'], 'group_id') }}

),

scores as (

    select
        *,
        {{ unless_suppressed('score') }} as shown_score
    from shown

),

periods as (

    select *
    from {{ ref('int_periods_to_score') }}
    where is_touched

)

select
    periods.period_grain,
    periods.period_start,
    periods.period_end,
    sums.journey,
    sums.stage,
    sums.split,
    sums.group_id,
    sums.visits,
    sums.median_hours,
    sums.p90_hours,
    sums.over_target_share,
    sums.reentry_share,
    nps.shown_score as nps,
    coalesce(nps.response_count, 0) as nps_response_count,
    nps.suppressed_reason as nps_suppressed_reason,
    csat.shown_score as csat,
    coalesce(csat.response_count, 0) as csat_response_count,
    csat.suppressed_reason as csat_suppressed_reason
from sums
inner join periods on sums.period_key = periods.period_key
{% for metric in ('nps', 'csat') -%}
left join scores as {{ metric }}
    on
        {{ same('sums', metric, ['period_key', 'journey', 'stage', 'split', 'group_id']) }}
        and {{ metric }}.metric = '{{ metric }}'
{% endfor %}
