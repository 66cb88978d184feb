{{ maintained(unit='period_key', outdated='int_stage_periods_outdated') }}
{%- set splits = ['total', 'account_type', 'segment', 'region'] -%}
/*
Grain    one row per period, journey, stage, split and group with a visit entered in the period
Measure  how long visits took (the median and the ninetieth percentile of hours), how many ran over their target or came
         back
Nulls    hours without a finished visit; over_target_share without a target
*/
with

visits as (

    select * from {{ ref('int_stage_visits_timed') }}

),

accounts as (

    select * from {{ ref('int_accounts_grouped') }}

),

period_days as (

    select *
    from {{ ref('int_period_days_listed') }}
    where {{ only_outdated('period_key') }}

),

placed as (

    select
        visits.journey,
        visits.stage,
        visits.entered_on,
        'total' as total,
        {% for split in splits if split != 'total' -%}
        coalesce(accounts.{{ split }}, 'unknown') as {{ split }},
        {% endfor -%}
        visits.duration_seconds / 3600.0 as hours,
        case when visits.is_over_target then 1 when not visits.is_over_target then 0 end as over_target,
        case when visits.is_reentry then 1 else 0 end as reentry
    from visits
    left join accounts on visits.account_id = accounts.account_id

),

sums as (

    {% for split in splits -%}
    select
        period_days.period_key,
        placed.journey,
        placed.stage,
        '{{ split }}' as split,
        placed.{{ split }} as group_id,
        count(*) as visits,
        {{ percentiles('placed.hours', [0.5, 0.9]) }} as hours,
        sum(placed.over_target) / cast(count(placed.over_target) as {{ type_double() }}) as over_target_share,
        sum(placed.reentry) / cast(count(*) as {{ type_double() }}) as reentry_share
    from placed
    inner join period_days on placed.entered_on = period_days.day
    group by
        period_days.period_key,
        placed.journey,
        placed.stage,
        placed.{{ split }}
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

)

select
    period_key,
    journey,
    stage,
    split,
    group_id,
    visits,
    {{ list_item('hours', 1) }} as median_hours,
    {{ list_item('hours', 2) }} as p90_hours,
    over_target_share,
    reentry_share
from sums
