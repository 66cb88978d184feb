create macro survey_of(survey_id, file) as coalesce(
    survey_id, getvariable('survey_id'), code_of(regexp_replace(split_part(file, '.', 1), '([-_ ]?\d[\d\-_]*)+$', ''))
);

create table kept as
select
    r.*,
    survey_of(r.survey_id, r._vendor_file) as survey,
    coalesce(k.contact_id, contact_of(r.email)) as known_contact_id,
    coalesce(k.contact_id, contact_of(r.email), own(coalesce(r.person, lower(r.email)))) as contact_id
from response as r
left join known_contacts as k on sfid(r.person) = k.contact_id
where
    coalesce(r.status, '0') not in (
        '1', '2', '8', 'Survey Preview', 'Survey Test', 'Spam', 'Possible Spam', 'Preview', 'Test'
    )
    and (coalesce(r.finished, 'true') = 'true' or getvariable('include_partial') = 'true');

-- A question is its import id, never the name of its column. What Qualtrics adds to answers is no question.
create table answer_cells as
select
    kept.survey, c.response_id, coalesce(k.import_id, k.name) as question_id, k.name, k.words, c.value
from response_cells as c
inner join response_columns as k on c._vendor_file = k._vendor_file and c.position = k.position
inner join kept on c.response_id = kept.response_id
where
    not list_contains([
        'startdate', 'enddate', 'status', 'ipaddress', 'progress', 'durationinseconds', 'finished', 'recordeddate',
        'responseid', 'recipientlastname', 'recipientfirstname', 'recipientemail', 'externalreference',
        'externaldatareference', 'externaldata', 'locationlatitude', 'locationlongitude', 'locationaccuracy',
        'distributionchannel', 'userlanguage', 'responseset', 'name', 'emailaddress', 'accountid', 'companyid',
        'ticketid', 'caseid', 'orderid', 'lastmodifieddate', 'surveyid', 'recordid'
    ], regexp_replace(lower(k.name), '[^a-z0-9]', '', 'g'))
    and not regexp_matches(
        k.name, '(_NPS_GROUP| - (Parent )?Topics| - Sentiment.*|_(Browser|Version|Operating System|Resolution))$'
    )
union all
select
    kept.survey, q.response_id, q.question_id || coalesce('_' || q.sub_question_key, ''), q.question_id, q.question,
    coalesce(q.text, q.value)
from question_response as q
inner join kept on q.response_id = kept.response_id;

-- What a question measures: as maps/question_metric.csv says; else the recommendation by its words and scale; text.
create table questions as
select
    *,
    coalesce(
        mapped('question_metric', question_id), mapped('question_metric', name),
        case
            when is_recommendation and low >= 0 and high <= 10 then 'nps'
            when is_text then 'comment'
        end
    ) as metric
from (
    select
        survey, question_id, max(name) as name, max(coalesce(words, name)) as question_text,
        bool_or(
            words ilike '%recommend%' or words ilike '%empfehlen%' or words ilike '%recommand%' or name ilike '%nps%'
        ) as is_recommendation,
        min(try_cast(value as double)) as low, max(try_cast(value as double)) as high,
        bool_and(try_cast(value as double) is null) as is_text
    from answer_cells
    group by survey, question_id
);

create table asked as
select * from questions where metric is not null and metric <> 'ignore';
