{{ config(materialized='table') }}
{%- set splits = columns_of(account_attributes()) -%}
{%- set bins = ['period_days.period_key', 'daily.journey', 'daily.stage', 'daily.duration_bin'] -%}
{%- set keys = ['period_key', 'journey', 'stage', 'split', 'group_id'] -%}
/*
Grain    one row per period, journey, stage, split, group and bin of durations with a visit entered in the period
Measure  visits that took about as long, how many of them ran over their target or came back, and how many of the
         group's took less
Nulls    the bin of open visits, and how long they took

A percentile needs its visits in order, and those of all periods and groups together are more than memory holds. So
visits are counted by about how long they took; they need be put in order only in the bins where percentiles lie.
*/
with

visits as (

    select * from {{ ref('int_journeys__stage_visit_durations') }}

),

accounts as (

    select * from {{ ref('int_accounts__groups') }}

),

period_days as (

    select * from {{ ref('int_periods__days_to_score') }}

),

placed as (

    select
        visits.journey,
        visits.stage,
        visits.entered_on,
        {{ account_attributes_of('accounts') }},
        visits.duration_seconds,
        {{ duration_bin('visits.duration_seconds') }} as duration_bin,
        visits.is_over_target,
        visits.is_reentry
    from visits
    left join accounts on visits.account_id = accounts.account_id

),

daily as (

    select
        journey,
        stage,
        entered_on,
        {{ splits.values() | join(', ') }},
        duration_bin,
        min(duration_seconds) as shortest_seconds,
        max(duration_seconds) as longest_seconds,
        count(*) as visits,
        count(duration_bin) as finished,
        count(is_over_target) as targeted,
        sum(case when is_over_target then 1 else 0 end) as over_target,
        sum(case when is_reentry then 1 else 0 end) as reentries
    from placed
    group by journey, stage, entered_on, {{ splits.values() | join(', ') }}, duration_bin

),

binned as (

    select
        period_days.period_key,
        daily.journey,
        daily.stage,
        {{ group_columns(splits) }},
        daily.duration_bin,
        min(daily.shortest_seconds) as shortest_seconds,
        max(daily.longest_seconds) as longest_seconds,
        sum(daily.visits) as visits,
        sum(daily.finished) as finished,
        sum(daily.targeted) as targeted,
        sum(daily.over_target) as over_target,
        sum(daily.reentries) as reentries
    from daily
    inner join period_days on daily.entered_on = period_days.day
    {{ group_sets(bins, splits) }}  -- noqa: PRS

)

select
    {{ keys | join(',\n    ') }},
    duration_bin,
    shortest_seconds,
    longest_seconds,
    cast(visits as bigint) as visits,
    cast(finished as bigint) as finished,
    cast(targeted as bigint) as targeted,
    cast(over_target as bigint) as over_target,
    cast(reentries as bigint) as reentries,
    cast(
        sum(finished) over (partition by {{ keys | join(', ') }} order by duration_bin rows unbounded preceding)
        - finished as bigint
    ) as finished_sooner
from binned
