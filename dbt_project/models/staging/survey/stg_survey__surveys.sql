/*
Grain    one row per survey
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
{{ latest_version('survey_surveys', ['survey_id']) }}
