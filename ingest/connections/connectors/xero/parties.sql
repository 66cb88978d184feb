select
    coalesce(i.contact_id, i.contact_name) as ref, coalesce(c.name, i.contact_name) as name, c.crm_id,
    mail_domain(c.email) as domain, c.updated_at
from (select distinct contact_id, contact_name from invoice where type is null or type = 'ACCREC') as i
left join contact as c on i.contact_id = c.contact_id
