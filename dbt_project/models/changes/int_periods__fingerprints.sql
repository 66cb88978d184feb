{{ config(materialized='table') }}
{%- set by_response = [
    'int_responses__roles', 'int_responses__team_shares', 'int_responses__shares_by_split',
    'int_answers__means_by_response',
] -%}
{%- set by_day = ['int_journeys__stage_visit_durations', 'int_journeys__answers_by_stage_and_day'] -%}
{%- set by_period = ['int_frame__accounts', 'int_frame__cells', 'int_frame__contacts', 'int_periods__days'] -%}
/*
Grain    one row per period
Measure  fingerprint: one text that follows from every row that the period is scored from, from those of the period
         before, with which it is compared, from the programme and from the SQL of the project
Nulls    previous_ columns of the first period of each grain; for a trailing year the period before ends a month earlier

Whatever the models that score periods read of a record has to be in here, whole: that a period with the same
fingerprint has the same scores rests on it.
*/
with

periods as (

    select
        *,
        lag(period_key) over (partition by period_grain order by period_end) as previous_period_key,
        lag(period_start) over (partition by period_grain order by period_end) as previous_period_start
    from {{ ref('int_periods__listed') }}

),

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

account_groups as (

    select * from {{ ref('int_accounts__groups') }}

),

-- what periods are scored from because of a day on which a response was submitted or a stage entered
daily_rows as (

    select
        responses.submitted_on as day,
        {{ hash_of_row('responses') }} as row_hash
    from responses

    union all

    select
        responses.submitted_on as day,
        {{ hash_of_row('account_groups') }} as row_hash
    from responses
    inner join account_groups on responses.account_id = account_groups.account_id

    union all

    select
        visits.entered_on as day,
        {{ hash_of_row('account_groups') }} as row_hash
    from {{ ref('int_journeys__stage_visit_durations') }} as visits
    inner join account_groups on visits.account_id = account_groups.account_id

    {% for name in by_response -%}
    union all

    select
        responses.submitted_on as day,
        {{ hash_of_row('about') }} as row_hash
    from responses
    inner join {{ ref(name) }} as about on responses.response_id = about.response_id

    {% endfor -%}
    {% for name in by_day -%}
    union all

    select
        {{ name }}.entered_on as day,
        {{ hash_of_row(name) }} as row_hash
    from {{ ref(name) }} as {{ name }}

    {% endfor -%}
),

days as (

    select
        day,
        count(*) as row_count,
        {{ sum_of_hashes('row_hash') }} as row_hash
    from daily_rows
    group by day

),

period_rows as (

    select
        periods.period_key,
        days.row_count,
        days.row_hash
    from periods
    inner join days on periods.period_start <= days.day and periods.period_end > days.day

    union all

    select
        period_key,
        1 as row_count,
        {{ hash_of_row('periods') }} as row_hash
    from periods

    {% for name in by_period -%}
    union all

    select
        period_key,
        count(*) as row_count,
        {{ sum_of_hashes(hash_of_row(name)) }} as row_hash
    from {{ ref(name) }} as {{ name }}
    group by period_key

    {% endfor -%}
),

contents as (

    select
        period_key,
        cast(sum(row_count) as varchar) || ' ' || cast(sum(row_hash) as varchar) as content
    from period_rows
    group by period_key

),

programme as (

    {{ programme_content() }}

)

select
    periods.period_key,
    periods.period_grain,
    periods.period_start,
    periods.period_end,
    periods.previous_period_key,
    periods.previous_period_start,
    md5(
        contents.content || ' before ' || coalesce(previous.content, '')
        || ' programme ' || programme.content || ' sql {{ hash_of_scoring() }}'
    ) as fingerprint
from periods
cross join programme
inner join contents on periods.period_key = contents.period_key
left join contents as previous on periods.previous_period_key = previous.period_key
