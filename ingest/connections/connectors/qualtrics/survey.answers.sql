select
    c.response_id,
    c.question_id,
    case when q.metric <> 'comment' then as_number(coalesce(mapped('answer', c.value), c.value)) end as score,
    case when q.metric = 'comment' then c.value end as text,
    k.updated_at,
    k._vendor_file,
    c.response_id as _vendor_id
from answer_cells as c
inner join asked as q on c.survey = q.survey and c.question_id = q.question_id
inner join kept as k on c.response_id = k.response_id
where c.value not in ('-99', '-1')
