-- needs: invoice
select
    payment_id, invoice_id, paid_on as paid_at, amount, 'payment' as kind, 'bank' as method,
    case when status = 'DELETED' then 'true' else is_deleted end as is_deleted, updated_at, _vendor_file, _vendor_id
from payment
where invoice_id in (select invoice_id from sold)
union all
-- without payments the invoice says how much was paid, and when the last of it came
select
    invoice_id || ':paid', invoice_id, coalesce(fully_paid_on, left(updated_at, 10)), amount_paid, 'payment', 'bank',
    is_deleted, updated_at, _vendor_file, _vendor_id
from sold
where
    status = 'PAID' and try_cast(amount_paid as decimal(18, 2)) > 0
    and invoice_id not in (select invoice_id from payment where invoice_id is not null)
union all
select
    invoice_id || ':credited', invoice_id, coalesce(fully_paid_on, left(updated_at, 10)), amount_credited,
    'credit_note', null, is_deleted, updated_at, _vendor_file, _vendor_id
from sold
where try_cast(amount_credited as decimal(18, 2)) > 0
