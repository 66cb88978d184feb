-- needs: distribution_contact
with

invited as (

    select
        d.*, n.survey_id, coalesce(k.contact_id, contact_of(c.email)) as known_contact_id,
        coalesce(k.contact_id, contact_of(c.email), own(coalesce(c.person, lower(c.email)))) as person
    from distribution_contact as d
    left join directory_contact as c on d.contact_id = c.id
    left join known_contacts as k on sfid(c.person) = k.contact_id
    left join distribution as n on d.distribution_id = n.id

)

select
    distribution_id || ':' || contact_id as invitation_id,
    survey_of(survey_id, 'unknown') as survey_id,
    coalesce(account_of_contact(known_contact_id), 'unknown') as account_id,
    coalesce(person, 'unknown') as contact_id,
    'email' as channel,
    sent_at,
    case
        when response_completed_at is not null then 'completed'
        when status in ('HardBounce', 'SoftBounce', 'Failure', 'Blocked') then 'bounced'
        when status = 'OptedOut' then 'refused'
        when response_started_at is not null then 'started'
        when opened_at is not null or status = 'Opened' then 'opened'
        else 'sent'
    end as disposition,
    is_deleted,
    greatest(sent_at, opened_at, response_started_at, response_completed_at) as updated_at,
    _vendor_file,
    _vendor_id
from invited
where sent_at is not null
