/*
Grain    one row per open invoice at the clock
Measure  the severest notice to send and the channel to use, why, and what to know of the account before
Nulls    account_score where too few roles or people answered; recommendations where no rule fits; the payment record
         where the outcome of no other invoice is known
*/
with

invoices as (

    select *
    from {{ ref('int_invoices__settlements') }}
    where is_open

),

moments as (

    select * from {{ ref('int_billing__moments') }}

),

guidance as (

    select * from {{ ref('int_billing__guidance_by_moment') }}

),

healths as (

    select * from {{ ref('rpt_account_health') }}

),

contexts as (

    select * from {{ ref('int_billing__account_contexts') }}

)

select
    invoices.invoice_id,
    invoices.invoice_number,
    invoices.account_id,
    invoices.due_on,
    moments.days_past_due,
    invoices.currency,
    invoices.amount,
    cast(invoices.open_amount as decimal(18, 2)) as open_amount,
    guidance.max_severity as recommended_severity,
    {{ tone_of('guidance.max_severity') }} as recommended_tone,
    guidance.channel as recommended_channel,
    guidance.rule_id as recommended_rule_id,
    guidance.reason as recommended_reason,
    moments.team_id,
    contexts.account_name,
    contexts.status as account_status,
    contexts.customer_since,
    cast(moments.tenure_years as {{ type_double() }}) as tenure_years,
    guidance.known_invoices,
    guidance.on_time_rate,
    guidance.mean_days_late,
    guidance.is_disputed,
    guidance.has_open_conflict as has_open_escalation,
    cast(contexts.open_escalation_count as bigint) as open_escalation_count,
    cast(contexts.open_dispute_count as bigint) as open_dispute_count,
    cast(contexts.open_outage_count as bigint) as open_outage_count,
    healths.score as account_score,
    contexts.last_notice_at,
    cast(contexts.last_notice_severity as bigint) as last_notice_severity,
    contexts.flagged_notice_count,
    contexts.renewal_on,
    cast(contexts.days_to_renewal as bigint) as days_to_renewal,
    contexts.annual_value,
    contexts.currency as annual_value_currency
from invoices
inner join moments on {{ open_moment_id('invoices.invoice_id', 0) }} = moments.moment_id
inner join guidance on moments.moment_id = guidance.moment_id
inner join contexts on invoices.account_id = contexts.account_id
left join healths on invoices.account_id = healths.account_id
