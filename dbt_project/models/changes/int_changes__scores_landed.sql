/*
Grain    one row per response and question that became another one since the last publication
Measure  what landed since the last publication: change (new, corrected, deleted), the score now and, as was_score, then
Nulls    before the first publication there is none; was_score of a new answer. Versions that can't be used are absent
*/
{{ landed_changes(
    ref('int_answers__verdicts'), ['response_id', 'question_id'], ['score'], condition='verdict is null'
) }}

select
    response_id,
    question_id,
    change,
    score,
    was_score
from changes
