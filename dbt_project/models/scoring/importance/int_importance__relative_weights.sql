{{ config(materialized='table') }}
{%- set keys = ['level', 'period_key', 'split', 'group_id', 'replicate'] -%}
/*
Grain    one row per survey level, period, split, group and replicate
Measure  importance_1 and so on: relative weight of the driver at each position. With R the drivers' correlations and r
         those with the recommendation it is the sum over k of (R^1/2)_jk^2 (R^-1/2 r)_k^2; all add up to R squared.
         The roots come by Newton and Schulz: Y = R/c, Z = 1, then T = (3 - ZY)/2, Y = YT, Z = TZ until T is 1
Nulls    none
*/
with recursive

correlations as (

    select * from {{ ref('int_importance__correlations') }}

),

roots as (

    select
        {{ keys | join(', ') }},
        0 as step,
        {%- for i, j in position_pairs() %}
        r_{{ i }}_{{ j }} / {{ var('importance_maximum_drivers') }}.0 as y_{{ i }}_{{ j }},
        cast({{ 1 if i == j else 0 }} as {{ type_double() }}) as z_{{ i }}_{{ j }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from correlations

    union all

    select
        {{ keys | join(', ') }},
        step + 1 as step,
        {%- for i, j in position_pairs() %}
        {{ product('y', 't', i, j) }} as y_{{ i }}_{{ j }},
        {{ product('t', 'z', i, j) }} as z_{{ i }}_{{ j }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from (
        select
            *,
            {%- for i, j in position_pairs() %}
            ({{ 3 if i == j else 0 }} - ({{ product('z', 'y', i, j) }})) / 2 as t_{{ i }}_{{ j }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from roots
        where step < {{ var('importance_steps') }}
    ) as stepped

),

rotated as (

    select
        roots.*,
        {%- for k in driver_positions() %}
        {% for l in driver_positions() -%}
        {{ entry('roots.z', k, l) }} * correlations.r_0_{{ l }}{{ ' + ' if not loop.last }}
        {%- endfor %} as b_{{ k }},
        {%- endfor %}
        -- how far ZY is from 1: drivers that are nearly one another take more steps than there are
        greatest(
            {%- for i in driver_positions() %}
            abs(1 - ({{ product('roots.z', 'roots.y', i, i) }})){{ ',' if not loop.last }}
            {%- endfor %}
        ) as what_is_left
    from roots
    inner join correlations on {{ same('roots', 'correlations', keys) }}
    where roots.step = {{ var('importance_steps') }}

)

select
    {{ keys | join(', ') }},
    {%- for j in driver_positions() %}
    {% for k in driver_positions() -%}
    power({{ entry('y', j, k) }} * b_{{ k }}, 2){{ ' + ' if not loop.last }}
    {%- endfor %} as importance_{{ j }},
    {%- endfor %}
    what_is_left <= {{ var('importance_tolerance') }} as is_told_apart
from rotated
