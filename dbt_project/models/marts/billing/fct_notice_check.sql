/*
Grain    one row per question that the guard answered
Measure  what was asked and answered, what was sent all the same, and when the invoice was paid
Nulls    sent_*, hours_to_sent until a notice that belongs to it is sent; paid_on until paid, days_to_paid also where it
         was paid before; what the guard could not find
*/
with

checks as (

    select * from {{ source('memory', 'notice_checks') }}

),

notices as (

    select * from {{ ref('int_notices__flags') }}

),

belonging as (

    {{ checks_of_notices('notices', 'checks') }}

),

sent as (

    select
        belonging.check_id,
        notices.notice_id,
        notices.severity,
        notices.sent_at,
        notices.team_id,
        row_number() over (partition by belonging.check_id order by notices.sent_at, notices.notice_id) as place
    from belonging
    inner join notices on belonging.notice_id = notices.notice_id

),

invoices as (

    select * from {{ ref('int_invoices__settlements') }}

),

clock as (

    select as_of from {{ source('memory', 'clock') }}

)

select
    checks.check_id,
    checks.asked_at,
    checks.client,
    checks.notice_id,
    checks.invoice_id,
    coalesce(invoices.account_id, 'unknown') as account_id,
    checks.notice_kind,
    checks.channel,
    checks.severity,
    checks.send_at,
    checks.verdict,
    checks.reasons,
    checks.version,
    checks.as_of,
    case
        when sent.check_id is null
            then
                case
                    when checks.asked_at > clock.as_of - interval '{{ var("check_days") }}' day then 'pending'
                    else 'not_sent'
                end
        when checks.verdict = 'hold' and sent.severity > 0 then 'sent_despite_hold'
        when checks.verdict = 'unknown' then 'sent_despite_unknown'
        when sent.severity < checks.severity then 'sent_softer'
        when checks.verdict = 'soften' then 'sent_unsoftened'
        when checks.verdict = 'go' and sent.severity > checks.severity then 'sent_harder'
        else 'sent_as_checked'
    end as outcome,
    sent.notice_id as sent_notice_id,
    cast(sent.severity as bigint) as sent_severity,
    {{ seconds_between('checks.asked_at', 'sent.sent_at') }} / 3600 as hours_to_sent,
    invoices.paid_on,
    case
        when invoices.paid_on >= {{ day_of('checks.asked_at') }}
            then {{ days_between(day_of('checks.asked_at'), 'invoices.paid_on') }}
    end as days_to_paid,
    coalesce(sent.team_id, owners.team_id, 'unattributed') as team_id
from checks
cross join clock
left join sent on checks.check_id = sent.check_id and sent.place = 1
left join invoices on checks.invoice_id = invoices.invoice_id
{{ join_owners("'" ~ var('billing_touchpoint') ~ "'", 'invoices', day_of('checks.asked_at')) }}
