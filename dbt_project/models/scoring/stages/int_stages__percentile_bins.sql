{%- set keys = ['period_key', 'journey', 'stage', 'split', 'group_id'] -%}
{%- set shares = {'median_hours': 0.5, 'p90_hours': 0.9} -%}
/*
Grain    one row per period, journey, stage, split, group, percentile and bin of durations that it lies in
Measure  the rank it has among the finished visits of the group, 0 for the shortest, and those that the bin holds
Nulls    none; a group without a finished visit has no percentile

A percentile lies on a rank or between two, so in one bin or in two.
*/
with

bins as (

    select * from {{ ref('int_stages__duration_bins') }}

),

ranked as (

    select
        *,
        cast(sum(finished) over (partition by {{ keys | join(', ') }}) as bigint) - 1 as last_rank
    from bins

)

{% for percentile, share in shares.items() -%}
select
    {{ keys | join(',\n    ') }},
    '{{ percentile }}' as percentile,
    cast({{ share }} * last_rank as {{ type_double() }}) as sought_rank,
    duration_bin,
    finished_sooner,
    shortest_seconds,
    longest_seconds
from ranked
where
    ceil({{ share }} * last_rank) >= finished_sooner
    and floor({{ share }} * last_rank) < finished_sooner + finished
{% if not loop.last %}
union all

{% endif %}
{%- endfor %}
