select
    survey as survey_id, question_id, question_text, metric, mapped('question_measure', question_id) as measure,
    case metric when 'nps' then '0' when 'comment' then null else '1' end as scale_min,
    case metric when 'nps' then '10' when 'csat' then '5' when 'ces' then '7' when 'rating' then '5' when 'loyalty' then '10' end as scale_max,
    '2000-01-01T00:00:00Z' as updated_at, question_id as _vendor_id
from asked
