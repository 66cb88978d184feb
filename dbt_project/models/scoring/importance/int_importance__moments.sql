{{ config(materialized='table') }}
{%- set keys = ['level', 'period_key', 'split', 'group_id'] -%}
/*
Grain    one row per survey level, period, split, group whose measures can be weighed, and block of its accounts
Measure  sums of weights, of answers by position (0 is the recommendation) and of their products, over responses that
         answer every driver. Accounts go to blocks in the order of a hash: what one account says is drawn together
Nulls    none: a position without a driver sums to 0
*/
with

answers as (

    select
        pairs.*,
        drivers.position,
        drivers.driver_count
    from {{ ref('int_importance__answer_pairs') }} as pairs
    inner join {{ ref('int_importance__drivers') }} as drivers
        on {{ same('pairs', 'drivers', keys + ['measure']) }}
    where drivers.own_reason is null

),

responses as (

    select
        {{ keys | join(', ') }},
        response_id,
        counted_account_id,
        weight,
        nps_score as x_0,
        {%- for i in driver_positions() %}
        coalesce(max(case when position = {{ i }} then value end), 0.0) as x_{{ i }},
        {%- endfor %}
        count(*) = max(driver_count) as is_complete
    from answers
    group by
        {{ keys | join(', ') }},
        response_id,
        counted_account_id,
        weight,
        nps_score

),

accounts as (

    select
        {{ keys | join(', ') }},
        counted_account_id,
        row_number() over (
            partition by {{ keys | join(', ') }}
            order by md5(counted_account_id), counted_account_id
        ) % {{ var('importance_blocks') }} as block
    from responses
    where is_complete
    group by
        {{ keys | join(', ') }},
        counted_account_id

)

select
    {% for key in keys -%}
    responses.{{ key }},
    {% endfor -%}
    accounts.block,
    {{ exact_sum('responses.weight') }} as weight,
    {%- for i in [0] + driver_positions() %}
    {{ exact_sum('responses.weight * responses.x_' ~ i) }} as s_{{ i }},
    {%- endfor %}
    {%- for i, j in position_pairs(outcome=true) %}
    {{ exact_sum('responses.weight * responses.x_' ~ i ~ ' * responses.x_' ~ j) }} as s_{{ i }}_{{ j }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
from responses
inner join accounts on {{ same('responses', 'accounts', keys + ['counted_account_id']) }}
where responses.is_complete
group by
    {% for key in keys -%}
    responses.{{ key }},
    {% endfor -%}
    accounts.block
