/*
Grain    one row per journey instance whose visits to stages may have changed since the last publication
Measure  instances that gained, lost or changed an interaction, and those that overran a target by the clock
Nulls    none
*/
select journey_instance_id from {{ ref('int_journeys_outdated') }}

union

{{ changed('int_stage_visits_timed', 'journey_instance_id') }}
