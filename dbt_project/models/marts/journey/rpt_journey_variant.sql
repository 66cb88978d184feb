{%- set keys = ['journey', 'variant', 'account_type', 'role', 'bundle_id'] -%}
{%- set client = ['journey', 'account_type', 'role', 'bundle_id'] -%}
/*
Grain    one row per journey, variant, account type, dominant role and bundle with an instance
Measure  how often clients of a kind go this way, how long it takes, and how they speak of it
Nulls    median_hours without a closed instance; score without answers or suppressed
*/
with

journeys as (

    select
        *,
        dominant_role as role
    from {{ ref('fct_journey') }}

),

answers as (

    select *
    from {{ ref('int_journeys__answers_by_instance') }}
    where metric = 'nps'

),

variants as (

    select
        {{ keys | join(',\n        ') }},
        count(*) as instances,
        {{ percentiles('duration_seconds / 3600.0', [0.5]) }} as hours
    from journeys
    group by
        {{ keys | join(',\n        ') }}

),

heard as (

    select
        {{ keys | join(',\n        ') }},
        {{ stable_sum('answers.value') }} / count(*) as score,
        count(*) as response_count,
        count(*) as weight_share,
        count(distinct answers.counted_account_id) as account_count
    from journeys
    inner join answers on journeys.journey_instance_id = answers.journey_instance_id
    group by
        {{ keys | join(',\n        ') }}

),

judged as (

    select
        *,
        {{ suppressed_reason('response_count', 'account_count', '1.0 / response_count') }} as own_reason
    from heard

),

shown as (

    {{ with_complement('judged', client, 'variant') }}

)

select
    variants.journey,
    variants.variant,
    variants.account_type,
    variants.role,
    variants.bundle_id,
    variants.instances,
    variants.instances / cast(
        sum(variants.instances) over (partition by variants.{{ client | join(', variants.') }}) as {{ type_double() }}
    ) as share,
    {{ list_item('variants.hours', 1) }} as median_hours,
    {{ unless_suppressed('shown.score') }} as score,
    coalesce(shown.response_count, 0) as response_count,
    shown.suppressed_reason
from variants
left join shown on {{ same('variants', 'shown', keys) }}
