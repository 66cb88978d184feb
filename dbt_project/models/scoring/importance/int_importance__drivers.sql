{%- set keys = ['level', 'period_key', 'split', 'group_id'] -%}
{%- set of_pairs = 'pairs.' ~ keys | join(', pairs.') -%}
/*
Grain    one row per survey level, period, split (total and role), group and measure answered beside the recommendation
Measure  position: the place of the measure among those weighed together, the drivers; own_reason: why it is none, or
         why the group is too small, has too many, or has one whose answers are all the same
Nulls    position for a measure too few answer; own_reason where the measure can be weighed
*/
with

pairs as {{ not_materialized() }} (

    select * from {{ ref('int_importance__answer_pairs') }}

),

groups as (

    select
        {{ keys | join(', ') }},
        count(distinct response_id) as response_count
    from pairs
    group by
        {{ keys | join(', ') }}

),

counted as (

    select
        {{ of_pairs }},
        pairs.measure,
        count(*) >= {{ var('importance_minimum_answered_share') }} * max(groups.response_count) as is_driver
    from pairs
    inner join groups on {{ same('pairs', 'groups', keys) }}
    group by
        {{ of_pairs }},
        pairs.measure

),

ranked as (

    select
        *,
        case when is_driver then row_number() over (
            partition by {{ keys | join(', ') }}, is_driver order by measure
        ) end as position,
        sum(case when is_driver then 1 else 0 end) over (
            partition by {{ keys | join(', ') }}
        ) as driver_count
    from counted

),

-- responses that answer every driver of the group
complete as (

    select
        {{ of_pairs }},
        pairs.response_id
    from pairs
    inner join ranked on {{ same('pairs', 'ranked', keys + ['measure']) }}
    where ranked.is_driver
    group by
        {{ of_pairs }},
        pairs.response_id
    having count(*) = max(ranked.driver_count)

),

spreads as (

    select
        {{ of_pairs }},
        pairs.measure,
        count(*) as response_count,
        min(pairs.nps_score) < max(pairs.nps_score) and min(pairs.value) < max(pairs.value) as has_spread
    from pairs
    inner join complete on {{ same('pairs', 'complete', keys + ['response_id']) }}
    group by
        {{ of_pairs }},
        pairs.measure

),

judged as (

    select
        ranked.*,
        coalesce(spreads.response_count, 0) as response_count,
        min(case when ranked.is_driver and not coalesce(spreads.has_spread, false) then 0 else 1 end) over (
            partition by ranked.{{ keys | join(', ranked.') }}
        ) = 1 as has_spread
    from ranked
    left join spreads
        on {{ same('ranked', 'spreads', keys + ['measure']) }}

)

select
    {{ keys | join(', ') }},
    measure,
    position,
    cast(driver_count as bigint) as driver_count,
    response_count,
    case
        when not is_driver then 'rarely_answered'
        when driver_count > {{ var('importance_maximum_drivers') }} then 'too_many_measures'
        when response_count < {{ var('importance_minimum_answers') }} * driver_count then 'few_responses'
        when not has_spread then 'no_spread'
    end as own_reason
from judged
