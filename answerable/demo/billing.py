"""The billing side of the demo: invoices, payments and the notices that ask for them.

Belongs here: what was billed, when it was paid, what was written about it.
Does not: the conversations of the billing journey (crm) and what people say about it (surveys).
"""

_INVOICES = """
/* Monthly for enterprises, quarterly for others. Patterns: prompt, mostly prompt and late payers; disputes are commoner
   where the relationship is poor; many invoices need a question. Account 0 always pays three days early. */
create table invoices as
with issued as (
    select accounts.*, unnest(range(demo_months())) as k from accounts where status <> 'prospect'
),

dated as (
    select
        *,
        i * 1000 + k as inv,
        ((demo_start() + to_months(k::int))::date + (i % 20)::int)::date as issued_on,
        issued_on + case account_type when 'small_business' then 14 when 'public_sector' then 60 else 30 end as due_on,
        i > 0 and rnd(inv, 'dispute') < if(quality < -0.6, 0.14, 0.07) as is_disputed,
        i > 0 and rnd(inv, 'never') < 0.008 as is_never_paid,
        case
            when i = 0 then -3
            when payer < 0.5 or payer < 0.85 and rnd(inv, 'slip') < 0.75 then -1 - floor(12 * rnd(inv, 'days'))::int
            when payer < 0.85 then 1 + floor(22 * rnd(inv, 'days'))::int
            else floor(80 * rnd(inv, 'days'))::int - 18
        end + if(is_disputed, 25, 0) as days_late
    from issued
    where account_type = 'enterprise' or k % 3 = i % 3
)

select
    *,
    due_on + days_late + interval 15 hour as would_pay_at,
    if(is_never_paid or would_pay_at > demo_end(), null, would_pay_at) as paid_at,
    i = 0 and issued_on = date '2026-04-01' and k > 3 as is_incident,
    case when is_disputed then 'disputed' when days_late > 14 then 'chased'
        when is_incident or days_late > 3 or (payer > 0.3 and rnd(inv, 'nudge') < 0.16) then 'reminded'
        when rnd(inv, 'question') < 0.2 then 'asked' else 'plain' end as path,
    'INV-' || year(issued_on) || '-' || lpad(inv::varchar, 8, '0') as invoice_number,
    (annual_value / if(account_type = 'enterprise', 12, 4) * (0.9 + 0.2 * rnd(inv, 'amount')))::decimal(18, 2) as amount
from dated
where issued_on >= customer_since and issued_on < coalesce(churned_on, date '9999-01-01') and issued_on <= demo_end()
"""

_NOTICES = """
/* Reminders, dunning and final demands by days past due. Pattern: exactly one demand before the due day, sent to a
   client since 2018 who never paid late (account 0). */
create table notices as
with kinds (code, notice_kind, days, subject, body) as (values
    (1, 'statement', -25, 'Statement of account', 'Please find your statement of account. No action is needed.'),
    (2, 'reminder', -4, 'Your invoice falls due soon', 'A friendly reminder: invoice {0} falls due on {1}. Thank you.'),
    (3, 'reminder', 4, 'Have you overlooked our invoice?', 'Invoice {0} was due on {1}. Perhaps it was overlooked?'),
    (4, 'dunning', 15, 'Overdue notice', 'Invoice {0} is overdue since {1}. Please pay within seven days.'),
    (5, 'dunning', 28, 'Second overdue notice', 'Despite our reminder {0} is still unpaid. We insist on payment now.'),
    (6, 'suspension_warning', 42, 'Final demand', 'Final demand: pay {0} at once or service will be suspended.'),
    (7, 'dispute_reply', -12, 'Your objection', 'We received your objection to invoice {0} and are looking into it.')
),

occasions as (
    select
        invoices.*, kinds.code, kinds.notice_kind, kinds.subject, invoices.inv * 16 + kinds.code as nt,
        if(is_incident and code = 6, date '2026-04-22', due_on + days)::date as sent_on,
        replace(replace(kinds.body, '{0}', invoice_number), '{1}', due_on::varchar) as body
    from invoices cross join kinds
    where (is_incident and code = 6)
        or case code when 1 then rnd(inv, 'statement') < 0.15 when 2 then path in ('reminded', 'chased')
            when 7 then is_disputed and rnd(inv, 'reply') < 0.7
            else (would_pay_at > due_on + days or is_never_paid) and rnd(inv * 16 + code, 'sent') < 0.85 end
)

select *, office_hour(sent_on, nt, 'sent') as sent_at from occasions
where office_hour(sent_on, nt, 'sent') <= demo_end()
"""

_LANDED = (
    """
create view billing_invoices as
/* Of those who are late and will pay after the end, some promised a day two days before it: a second version. */
with versions as (
    select *, null::date as promised_on, issued_on + interval 7 hour as updated_at from invoices
    union all
    select *, would_pay_at::date, demo_end() - interval 2 day from invoices
    where paid_at is null and not is_never_paid and due_on < demo_end()::date - 2 and rnd(inv, 'promise') < 0.5
)

select
    'BI' || inv as invoice_id, if(rnd(inv, 'account') < 0.001, 'ACCOUNT-' || inv, account_id) as account_id,
    'S' || i || '-0' as site_id, invoice_number, issued_on, due_on, amount, currency, is_disputed, promised_on,
    case when account_type = 'small_business' and rnd(i, 'card') < 0.4 then 'automatic'
        when rnd(i, 'card') < 0.8 then 'on_terms' end as collection,
    if(rnd(inv, 'void') < 0.006 and i > 0, issued_on + 9, null)::date as voided_on, false as is_deleted,
    updated_at, inv as dice
from versions
""",
    """
create view billing_payments as
/* Most in full, some in two parts, a few refunds, and a few for an invoice nobody has. A dispute that the client won is
   a credit note first; what nobody will ever pay is written off. */
with parts (part, share, chance, days) as (values (1, 1.0, 1.0, 0), (2, 0.4, 0.06, 12), (3, -0.1, 0.015, 20)),

settled as (
    select *, is_disputed and rnd(inv, 'credited') < 0.3 as is_credited from invoices where paid_at is not null
),

moved as (
    select
        inv, inv * 4 + part as dice, paid_at + to_days(days::int) as paid_at,
        case part
            when 1 then amount - if(is_credited, (amount * 0.2)::decimal(18, 2), 0)
                - if(i > 0 and rnd(inv * 4 + 2, 'part') < 0.06, (amount * 0.4)::decimal(18, 2), 0)
            else (amount * share)::decimal(18, 2)
        end as amount,
        -- a refund is written in two ways
        case part when 1 then 'payment' when 3 then if(rnd(inv, 'sign') < 0.5, 'refund', null) end as kind
    from settled cross join parts
    where (part = 1 or i > 0) and rnd(inv * 4 + part, 'part') < chance
    union all
    select inv, inv * 4, paid_at - interval 3 day, (amount * 0.2)::decimal(18, 2), 'credit_note'
    from settled where is_credited
    union all
    select inv, inv * 4, due_on + interval 120 day, amount, 'write_off'
    from invoices where is_never_paid and rnd(inv, 'hope') < 0.6
)

select
    'PAY' || dice as payment_id,
    if(rnd(inv, 'payment') < 0.001, 'INVOICE-' || inv, 'BI' || inv) as invoice_id, paid_at,
    if(kind = 'refund', abs(amount), amount)::decimal(18, 2) as amount, kind,
    pick(['transfer', 'direct_debit', 'card'], inv, 'method') as method, false as is_deleted,
    paid_at + interval 20 minute as updated_at, dice
from moved
where paid_at <= demo_end()
""",
    """
create view billing_notices as
select
    'NT' || nt as notice_id, if(rnd(nt, 'invoice') < 0.001, 'INVOICE-' || nt, 'BI' || inv) as invoice_id,
    notices.account_id,
    contacts.contact_id, notice_kind, pick(['email', 'email', 'email', 'portal'], nt, 'channel') as channel, sent_at,
    case when rnd(nt, 'team') < 0.1 and not is_incident then null else 'billing' end as sent_by_team, subject, body,
    false as is_deleted, sent_at + interval 2 minute as updated_at, nt as dice
from notices
inner join crowd using (i)
left join contacts on contacts.c = if(is_incident, 0, pick(crowd.finance, nt, 'to'))
""",
)

MONEY = (_INVOICES, _NOTICES, *_LANDED)
