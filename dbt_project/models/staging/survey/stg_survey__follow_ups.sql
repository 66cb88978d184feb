/*
Grain    one row per follow up
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
{{ latest_version('survey_follow_ups', ['follow_up_id'], happened='opened_at', without=['notes']) }}
