-- needs: user
-- People whom only the help desk knows; one whom the CRM comes to know later is merged into that contact.
select
    own(id) as contact_id,
    account_of(organization_id) as account_id,
    name as full_name,
    email,
    phone,
    left(locale, 2) as language,
    case when yes(suspended) then 'false' else 'true' end as is_active,
    crm_contact_id as merged_into_contact_id,
    is_deleted,
    updated_at,
    _vendor_file,
    _vendor_id
from people
where crm_contact_id is null or own(id) in (select contact_id from known_contacts)
