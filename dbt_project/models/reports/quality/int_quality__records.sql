{%- set events = [
    ('crm', 'interactions', 'interaction_id', 'occurred_at'),
    ('billing', 'payments', 'payment_id', 'paid_at'),
    ('billing', 'notices', 'notice_id', 'sent_at'),
    ('survey', 'invitations', 'invitation_id', 'sent_at'),
    ('survey', 'responses', 'response_id', 'submitted_at'),
    ('survey', 'follow_ups', 'follow_up_id', 'opened_at'),
] -%}
/*
Grain    one row per record of an event or of billing and rule that it breaks
Measure  what happened after the clock; invoices whose dates, payments and notices do not fit together
Nulls    none
*/
with

invoices as (

    select * from {{ ref('int_invoices__settlements') }}

),

odd_invoices as (

    select
        invoice_id,
        'due_before_issue' as rule
    from invoices
    where is_due_before_issue

    union all

    select
        invoice_id,
        'paid_though_voided' as rule
    from invoices
    where is_voided and paid_amount > 0

    union all

    select
        invoice_id,
        'refunded_more_than_paid' as rule
    from invoices
    where amount > 0 and paid_amount < 0

    union all

    select
        invoice_id,
        'overpaid' as rule
    from invoices
    where amount > 0 and paid_amount > amount and not is_voided

    union all

    select
        landed.invoice_id,
        'after_the_clock' as rule
    from {{ ref('stg_billing__invoices') }} as landed
    left join invoices on landed.invoice_id = invoices.invoice_id
    where invoices.invoice_id is null

)

select
    'billing' as source,
    'invoices' as entity,
    invoice_id as key,
    rule
from odd_invoices

union all

select
    'billing' as source,
    'notices' as entity,
    notices.notice_id as key,
    'notice_of_another_account' as rule
from {{ ref('int_notices__resolved') }} as notices
inner join invoices on notices.invoice_id = invoices.invoice_id
where notices.counted_account_id <> invoices.counted_account_id

{% for source, entity, key, happened in events -%}
union all

select
    '{{ source }}' as source,
    '{{ entity }}' as entity,
    later.{{ key }} as key,
    'after_the_clock' as rule
from (
    {{ latest_version(source ~ '_' ~ entity, [key], happened=happened, is_later=true) }}
) as later

{% endfor -%}
