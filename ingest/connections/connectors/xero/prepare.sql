-- what we are owed; drafts are no invoices yet
create table sold as
select *, coalesce(contact_id, contact_name) as party
from invoice
where (type is null or type = 'ACCREC') and status in ('AUTHORISED', 'PAID', 'VOIDED', 'DELETED');
