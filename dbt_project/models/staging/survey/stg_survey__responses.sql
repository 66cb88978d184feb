/*
Grain    one row per response
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
{{ latest_version('survey_responses', ['response_id'], people=true, happened='submitted_at') }}
