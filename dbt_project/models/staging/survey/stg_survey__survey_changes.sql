/*
Grain    one row per survey that became another one since the last publication
Measure  what landed since the last publication: change (new, corrected), its level now and, as was_, then
Nulls    before the first publication there is none; was_level of a new survey
*/
{{ landed_changes(source('raw', 'survey_surveys'), ['survey_id'], ['level'], has_deletions=false) }}

select
    survey_id,
    change,
    level,
    was_level
from changes
