/*
One recommendation question a survey: with two, whose answer is the score would be chance.
*/
select
    survey_id,
    'survey.questions: survey ' || survey_id || ' has ' || cast(count(*) as varchar) || ' questions of metric nps: '
    || {{ string_agg_sorted('question_id', ', ', 'question_id') }} || '; it may have one' as issue
from {{ ref('stg_survey__questions') }}
where metric = 'nps'
group by survey_id
having count(*) > 1
