/*
Grain    one row per question that asks or measures otherwise since the last publication
Measure  what landed since the last publication: change (new, corrected), values now and, as was_, then
Nulls    before the first publication there is none; was_ columns of a new question
*/
{{ landed_changes(
    source('raw', 'survey_questions'),
    ['survey_id', 'question_id'],
    ['metric', 'scale_min', 'scale_max', 'is_reversed'],
    has_deletions=false
) }}

select
    survey_id,
    question_id,
    change,
    metric,
    was_metric,
    scale_min,
    was_scale_min,
    scale_max,
    was_scale_max,
    is_reversed,
    was_is_reversed
from changes
