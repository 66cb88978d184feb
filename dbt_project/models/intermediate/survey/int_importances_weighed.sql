{%- set keys = ['level', 'period_key', 'split', 'group_id', 'replicate'] -%}
/*
Grain    one row per survey level, period, split, group and replicate; replicate 0 is what was heard, the others are
         drawn from its blocks of accounts
Measure  importance_1 and so on: relative weight of the driver at each position. With R the drivers' correlations and r
         those with the recommendation it is the sum over k of (R^1/2)_jk^2 (R^-1/2 r)_k^2; all add up to R squared.
         The roots come by Newton and Schulz: Y = R/c, Z = 1, then T = (3 - ZY)/2, Y = YT, Z = TZ until T is 1
Nulls    none: a replicate in which the recommendation has no spread is absent; a driver without one explains nothing
*/
with recursive

blocks as (

    select * from {{ ref('int_driver_moments_summed') }}

),

replicates as (

    select 0 as number

    union all

    select number + 1 as number
    from replicates
    where number < {{ var('importance_replicates') }}

),

draws as (

    select
        blocks.block,
        replicates.number as replicate,
        case when replicates.number = 0 then 1 else {{ times_drawn('blocks.block', 'replicates.number') }} end as times
    from (select block from blocks group by block) as blocks
    cross join replicates

),

sums as (

    select
        blocks.level,
        blocks.period_key,
        blocks.split,
        blocks.group_id,
        draws.replicate,
        {%- for i in [0] + driver_positions() %}
        cast(sum(draws.times * blocks.s_{{ i }}) as {{ type_double() }}) as s_{{ i }},
        {%- endfor %}
        {%- for i, j in position_pairs(outcome=true) %}
        cast(sum(draws.times * blocks.s_{{ i }}_{{ j }}) as {{ type_double() }}) as s_{{ i }}_{{ j }},
        {%- endfor %}
        cast(sum(draws.times * blocks.weight) as {{ type_double() }}) as weight
    from blocks
    inner join draws on blocks.block = draws.block
    where draws.times > 0
    group by
        blocks.level,
        blocks.period_key,
        blocks.split,
        blocks.group_id,
        draws.replicate

),

covariances as (

    select
        {{ keys | join(', ') }},
        {%- for i, j in position_pairs(outcome=true) %}
        s_{{ i }}_{{ j }} / weight - s_{{ i }} / weight * s_{{ j }} / weight as c_{{ i }}_{{ j }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from sums

),

correlations as (

    select
        {{ keys | join(', ') }},
        {%- for i in driver_positions() %}
        -- a position without a driver stands apart from all others
        case when c_{{ i }}_{{ i }} > {{ var('tolerance') }}
            then c_0_{{ i }} / sqrt(c_0_0 * c_{{ i }}_{{ i }}) else 0.0 end as r_{{ i }},
        {%- endfor %}
        {%- for i, j in position_pairs() %}
        {% if i == j -%}
        1.0
        {%- else -%}
        case when c_{{ i }}_{{ i }} > {{ var('tolerance') }} and c_{{ j }}_{{ j }} > {{ var('tolerance') }}
            then c_{{ i }}_{{ j }} / sqrt(c_{{ i }}_{{ i }} * c_{{ j }}_{{ j }}) else 0.0 end
        {%- endif %} / {{ var('importance_maximum_drivers') }}.0 as y_{{ i }}_{{ j }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from covariances
    where c_0_0 > {{ var('tolerance') }}

),

roots as (

    select
        {{ keys | join(', ') }},
        0 as step,
        {%- for i, j in position_pairs() %}
        cast(y_{{ i }}_{{ j }} as {{ type_double() }}) as y_{{ i }}_{{ j }},
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
        {{ entry('roots.z', k, l) }} * correlations.r_{{ l }}{{ ' + ' if not loop.last }}
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
