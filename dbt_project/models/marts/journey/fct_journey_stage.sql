{{ maintained(unit='journey_instance_id', outdated='int_journeys_outdated', days='entered_at') }}
{%- set overtaken_by_the_clock -%}
    select timed.journey_instance_id
    from {{ this }} as timed
    cross join {{ source('raw', 'clock') }} as clock
    where
        timed.is_open
        and timed.is_over_target <> ({{ seconds_between('timed.entered_at', 'clock.as_of') }} > timed.target_seconds)
{%- endset %}
/*
Grain    one row per stage visit of a journey instance
Measure  how long the client was in the stage, who was involved, whether it took too long
Nulls    exited_at and duration_seconds while open; is_over_target without a target
*/
with

visits as (

    select *
    from {{ ref('int_stage_visits_ordered') }}
    where {{ only_outdated('journey_instance_id', also=overtaken_by_the_clock) }}

),

stages as (

    select * from {{ ref('stg_programme__journeys') }}

),

clock as (

    select * from {{ source('raw', 'clock') }}

),

skips as (

    select
        visits.journey_instance_id,
        visits.visit_sequence
    from visits
    inner join stages
        on
            visits.journey = stages.journey
            and visits.previous_stage_order < stages.stage_order
            and visits.stage_order > stages.stage_order
    group by
        visits.journey_instance_id,
        visits.visit_sequence

),

timed as (

    select
        visits.*,
        {{ seconds_between('visits.entered_at', 'visits.exited_at') }} as duration_seconds,
        {{ seconds_between('visits.entered_at', 'coalesce(visits.exited_at, clock.as_of)') }} as elapsed_seconds
    from visits
    cross join clock

)

select
    timed.journey_instance_id,
    cast(timed.visit_sequence as bigint) as sequence_number,
    timed.account_id,
    timed.journey,
    timed.stage,
    timed.visit_number,
    timed.entered_at,
    timed.exited_at,
    timed.duration_seconds,
    timed.previous_stage,
    timed.next_stage,
    timed.interaction_count,
    cast(timed.handoff_count as bigint) as handoff_count,
    timed.team_count,
    timed.accountable_team_id,
    timed.is_open,
    timed.visit_number > 1 as is_reentry,
    skips.journey_instance_id is not null as is_skip,
    cast(timed.target_seconds as {{ type_double() }}) as target_seconds,
    timed.elapsed_seconds > timed.target_seconds as is_over_target
from timed
left join skips
    on
        timed.journey_instance_id = skips.journey_instance_id
        and timed.visit_sequence = skips.visit_sequence
