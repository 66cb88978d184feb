select
    k.survey as survey_id, coalesce(getvariable('survey_name'), max(s.name), k.survey) as survey_name,
    getvariable('level') as level, '2000-01-01T00:00:00Z' as updated_at, k.survey as _vendor_id
from kept as k
left join survey as s on k.survey = s.id
group by k.survey
