/*
Grain    one row per notice about an invoice
Measure  how severe it was, what was known of the account's payments when it went out, and whether that went together
Nulls    days_past_due of an unknown invoice; the record where nothing was known; recommendations unless flagged;
         decides_team_id of `go`; check_id unless the guard was asked
*/
with

notices as (

    select * from {{ ref('int_notices__flags') }}

),

cases as (

    select * from {{ ref('int_billing__guidance_by_moment') }}

),

reasons as (

    select * from {{ ref('int_billing__verdict_reasons') }}

),

verdicts as (

    {{ verdicts('reasons') }}

),

invoices as (

    select * from {{ ref('int_invoices__settlements') }}

),

asked as (

    select * from {{ source('memory', 'notice_checks') }}

),

checked as (

    {{ checks_of_notices('notices', 'asked') }}

)

select
    notices.notice_id,
    coalesce(invoices.invoice_id, 'unknown') as invoice_id,
    notices.account_id,
    case when notices.is_contact_known then notices.contact_key else 'unknown' end as contact_key,
    notices.notice_kind,
    notices.channel,
    notices.sent_at,
    notices.sent_on,
    notices.days_past_due,
    notices.is_before_due,
    cast(notices.severity as bigint) as severity,
    {{ tone_of('notices.severity') }} as tone,
    notices.is_raised_by_wording,
    notices.wording_phrase,
    notices.wording_condition,
    notices.wording_deadline,
    cast(notices.tenure_years as {{ type_double() }}) as tenure_years,
    notices.known_invoices,
    notices.on_time_rate,
    notices.mean_days_late,
    notices.is_demand_before_due,
    notices.is_tone_mismatch,
    notices.is_flagged,
    -- guidance may lower severity, never raise it
    cast(
        case when notices.is_flagged then least(notices.severity, coalesce(cases.max_severity, notices.severity)) end
        as bigint
    ) as recommended_severity,
    case when notices.is_flagged then cases.channel end as recommended_channel,
    case when notices.is_flagged then cases.rule_id end as recommended_rule_id,
    case when notices.is_flagged then cases.reason end as recommended_reason,
    coalesce(verdicts.verdict, 'go') as verdict,
    coalesce(verdicts.reasons, '') as verdict_reasons,
    verdicts.decides_team_id,
    checked.check_id,
    checked.check_id is not null as was_checked,
    notices.team_id
from notices
left join cases on 'notice ' || notices.notice_id = cases.moment_id
left join verdicts on 'notice ' || notices.notice_id = verdicts.moment_id
left join checked on notices.notice_id = checked.notice_id
left join invoices on notices.invoice_id = invoices.invoice_id
