-- needs: invoice
-- What the invoice alone says lands until it is not so any more, such as once the payments themselves are exported.
with

told as (

    select
        *,
        status = 'PAID' and coalesce(try_cast(amount_paid as decimal(18, 2)) > 0, false)
        and invoice_id not in (select invoice_id from payment where invoice_id is not null) as is_paid,
        coalesce(try_cast(amount_credited as decimal(18, 2)) > 0, false) as is_credited
    from sold

),

landed as (

    select payment_id from landed_billing_payments where is_deleted is distinct from 'true'

)

select
    payment_id, invoice_id, paid_on as paid_at, amount, 'payment' as kind, 'bank' as method,
    case when status = 'DELETED' then 'true' else is_deleted end as is_deleted, updated_at, _vendor_file, _vendor_id
from payment
where invoice_id in (select invoice_id from sold)
union all
-- without payments the invoice says how much was paid, and when the last of it came
select
    invoice_id || ':paid', invoice_id, coalesce(fully_paid_on, left(updated_at, 10)), amount_paid, 'payment', 'bank',
    case when is_paid then is_deleted else 'true' end, updated_at, _vendor_file, _vendor_id
from told
where is_paid or own(invoice_id || ':paid') in (select payment_id from landed)
union all
select
    invoice_id || ':credited', invoice_id, coalesce(fully_paid_on, left(updated_at, 10)), amount_credited,
    'credit_note', null,
    case when is_credited then is_deleted else 'true' end, updated_at, _vendor_file, _vendor_id
from told
where is_credited or own(invoice_id || ':credited') in (select payment_id from landed)
