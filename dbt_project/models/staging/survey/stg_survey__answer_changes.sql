/*
Grain    one row per response and question that became another one since the last publication
Measure  what landed since the last publication: change (new, corrected, deleted), values now and, as was_, then
Nulls    before the first publication there is none; was_ columns of a new record
*/
{{ landed_changes('survey_answers', ['response_id', 'question_id'], ['score']) }}

select
    response_id,
    question_id,
    change,
    score,
    was_score
from changes
