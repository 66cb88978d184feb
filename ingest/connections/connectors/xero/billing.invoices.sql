-- needs: invoice
select
    invoice_id,
    account_of(party) as account_id,
    number as invoice_number,
    issued_on,
    coalesce(due_on, issued_on) as due_on,
    total as amount,
    currency,
    case when status = 'VOIDED' then left(updated_at, 10) end as voided_on,
    case when status = 'DELETED' then 'true' else is_deleted end as is_deleted,
    updated_at,
    _vendor_file,
    _vendor_id
from sold
