{{ config(materialized='table') }}
{%- set keys = ['level', 'period_key', 'split', 'group_id', 'replicate'] -%}
/*
Grain    one row per survey level, period, split, group and replicate; replicate 0 is what was heard, the others are
         drawn from its blocks of accounts
Measure  correlations of the drivers with the recommendation and with each other, by position
Nulls    none: a replicate in which the recommendation has no spread is absent; a driver without one is alike to nothing
*/
with recursive

blocks as (

    select * from {{ ref('int_importance__moments') }}

),

numbered as (

    select block
    from blocks
    group by block

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
    from numbered as blocks
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

)

select
    {{ keys | join(', ') }},
    {%- for i in driver_positions() %}
    -- a position without a driver stands apart from all others
    case
        when c_{{ i }}_{{ i }} > {{ var('tolerance') }} then c_0_{{ i }} / sqrt(c_0_0 * c_{{ i }}_{{ i }})
        else 0.0
    end as r_0_{{ i }},
    {%- endfor %}
    {%- for i, j in position_pairs() %}
    {% if i == j -%}
    cast(1 as {{ type_double() }})
    {%- else -%}
    case
        when c_{{ i }}_{{ i }} > {{ var('tolerance') }} and c_{{ j }}_{{ j }} > {{ var('tolerance') }}
            then c_{{ i }}_{{ j }} / sqrt(c_{{ i }}_{{ i }} * c_{{ j }}_{{ j }})
        else 0.0
    end
    {%- endif %} as r_{{ i }}_{{ j }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
from covariances
where c_0_0 > {{ var('tolerance') }}
