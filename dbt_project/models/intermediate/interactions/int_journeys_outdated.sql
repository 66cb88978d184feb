/*
Grain    one row per journey instance that gained, lost or changed an interaction since the last publication
Measure  instances as they were and as they are
Nulls    none
*/
{{ changed('int_interactions_resolved', 'journey_instance_id') }}
