{%- set by_response = [
    'int_responses__roles', 'int_responses__team_shares', 'int_responses__shares_by_split', 'int_answers__means_by_response',
] -%}
{%- set by_day = ['int_journeys__stage_visit_durations', 'int_journeys__answers_by_stage_and_day'] -%}
/*
Grain    one row per day on which a response was submitted or a stage entered
Measure  row_hash: follows from every row that periods are scored from because of that day; row_count: how many they are
Nulls    none
*/
with

responses as (

    select * from {{ ref('int_responses__resolved') }}

),

account_groups as (

    select * from {{ ref('int_accounts__groups') }}

),

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
)

select
    day,
    count(*) as row_count,
    {{ sum_of_hashes('row_hash') }} as row_hash
from daily_rows
group by day
