{%- set keys = ['level', 'period_key', 'split', 'group_id'] -%}
/*
Grain    one row per survey level, period, split (total and role), group and measure answered beside the recommendation
Measure  importance: relative weight of the measure (Johnson), the part of the spread of recommendations that goes with
         it; importance_share: its part of what all measures explain together; the interval is that of the bootstrap
Nulls    all where importance_reason says why
*/
with

drivers as (

    select * from {{ ref('int_importance__drivers') }}

),

weights as (

    {% for i in driver_positions() -%}
    select
        {{ keys | join(', ') }},
        replicate,
        is_told_apart,
        {{ i }} as position,
        importance_{{ i }} as importance
    from {{ ref('int_importance__relative_weights') }}
    {% if not loop.last -%}
    union all

    {% endif -%}
    {%- endfor %}
),

estimates as (

    select
        {{ keys | join(', ') }},
        position,
        max(case when replicate = 0 then importance end) as importance,
        min(case when replicate = 0 and not is_told_apart then 0 else 1 end) = 1 as is_told_apart,
        {{ percentiles('case when replicate > 0 and is_told_apart then importance end', [0.025, 0.975]) }} as ends
    from weights
    group by
        {{ keys | join(', ') }},
        position

),

judged as (

    select
        drivers.*,
        estimates.importance,
        {{ list_item('estimates.ends', 1) }} as low,
        {{ list_item('estimates.ends', 2) }} as high,
        coalesce(drivers.own_reason, case when not estimates.is_told_apart then 'collinear' end) as importance_reason
    from drivers
    left join estimates
        on {{ same('drivers', 'estimates', keys + ['position']) }}

)

select
    {{ keys | join(', ') }},
    measure,
    case when importance_reason is null then importance end as importance,
    case when importance_reason is null then low end as importance_ci_low,
    case when importance_reason is null then high end as importance_ci_high,
    case when importance_reason is null then importance / nullif(cast(sum(cast(importance as {{ type_exact() }})) over (
        partition by {{ keys | join(', ') }}
    ) as {{ type_double() }}), 0) end as importance_share,
    importance_reason
from judged
