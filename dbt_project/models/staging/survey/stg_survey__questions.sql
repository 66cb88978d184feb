/*
Grain    one row per survey and question
Measure  the surviving version: the latest updated_at, then the greatest record hash
Nulls    as landed
*/
{{ latest_version('survey_questions', ['survey_id', 'question_id'], defaults={'is_reversed': 'false'}) }}
