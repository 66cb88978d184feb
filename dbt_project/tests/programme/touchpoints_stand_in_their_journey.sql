{{ config(meta={'dagster': {'ref': {'name': 'touchpoints'}}}) }}
/*
Every touchpoint belongs to one stage of one journey: a stage outside it would leave its interactions in no order.
*/
select
    touchpoints.touchpoint,
    touchpoints.journey,
    touchpoints.stage,
    'touchpoints.csv: touchpoint ' || coalesce(touchpoints.touchpoint, '(empty)') || ' is in stage '
    || coalesce(touchpoints.stage, '(empty)') || ' of journey ' || coalesce(touchpoints.journey, '(empty)')
    || ', but journeys.csv has no such stage there' as issue
from {{ ref('touchpoints') }} as touchpoints
left join {{ ref('journeys') }} as stages
    on
        touchpoints.journey = stages.journey
        and touchpoints.stage = stages.stage
where stages.stage is null
