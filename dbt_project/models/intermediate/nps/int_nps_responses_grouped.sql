{{ config(materialized='view') }}
{%- set response_splits = {
    'total': "'total'",
    'account': 'account_id',
    'segment': 'segment',
    'account_type': 'account_type',
    'region': 'region',
    'channel': 'channel',
} -%}
{%- set unit_splits = {'role': 'role', 'role_group': 'role_group'} -%}
/*
Grain    one row per survey level, period, weighting, split, group and counted response in it
Measure  weight: its part of the headline; score_weight: its part of the group's score, which differs for accounts
         alone; response_share: 1, or the part of the response that speaks for the role
Nulls    none
*/
with

responses as (

    select * from {{ ref('int_nps_responses_weighed') }}

),

units as (

    select * from {{ ref('int_nps_units_weighed') }}

)

{% for split, group_id in response_splits.items() -%}
select
    level,
    period_key,
    weighting,
    '{{ split }}' as split,
    {{ group_id }} as group_id,
    response_id,
    counted_account_id,
    contact_key,
    nps_value,
    has_cell,
    1.0 as response_share,
    weight,
    {{ 'own_weight' if split == 'account' else 'weight' }} as score_weight
from responses

union all

{% endfor %}
{%- for split, group_id in unit_splits.items() -%}
select
    level,
    period_key,
    weighting,
    '{{ split }}' as split,
    {{ group_id }} as group_id,
    response_id,
    counted_account_id,
    contact_key,
    nps_value,
    has_cell,
    {{ stable_sum('role_share') }} as response_share,
    {{ stable_sum('weight') }} as weight,
    {{ stable_sum('weight') }} as score_weight
from units
group by
    level,
    period_key,
    weighting,
    {{ group_id }},
    response_id,
    counted_account_id,
    contact_key,
    nps_value,
    has_cell
{% if not loop.last %}
union all

{% endif %}
{%- endfor %}
