-- needs: contact
select
    id as contact_id,
    coalesce(account_id, 'unknown') as account_id,
    coalesce(name, nullif(concat_ws(' ', first_name, last_name), '')) as full_name,
    email,
    phone,
    language,
    case when yes(has_left) then 'false' else 'true' end as is_active,
    has_opted_out,
    master_record_id as merged_into_contact_id,
    is_deleted,
    updated_at,
    _vendor_file,
    _vendor_id
from contact
