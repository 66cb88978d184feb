select
    k.response_id,
    k.survey as survey_id,
    coalesce(account_of_contact(k.known_contact_id), a.account_id) as account_id,
    k.contact_id,
    case lower(k.channel)
        when 'email' then 'email' when 'sms' then 'sms' when 'smsdistribution' then 'sms' when 'qr' then 'in_person'
    end as channel,
    k.started_at,
    coalesce(k.recorded_at, k.ended_at) as submitted_at,
    lower(k.language) as language,
    getvariable('tickets') || ':' || k.journey_id as journey_id,
    k.updated_at,
    k._vendor_file,
    k._vendor_id
from kept as k
left join known_accounts as a on sfid(k.account) = a.account_id
