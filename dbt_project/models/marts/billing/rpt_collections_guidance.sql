/*
Grain    one row per open invoice at the clock
Measure  the severest notice to send and the channel to use, why, and what to know of the account before
Nulls    recommendations where no rule fits; the payment record where the outcome of no other invoice is known
*/
with

invoices as (

    select *
    from {{ ref('int_invoices__settlements') }}
    where is_open

),

cases as (

    select * from {{ ref('int_billing__guidance_by_case') }}

),

contexts as (

    select * from {{ ref('int_billing__account_contexts') }}

)

select
    invoices.invoice_id,
    invoices.invoice_number,
    invoices.account_id,
    invoices.due_on,
    cases.days_past_due,
    invoices.currency,
    invoices.amount,
    cast(invoices.open_amount as decimal(18, 2)) as open_amount,
    cases.max_severity as recommended_severity,
    {{ tone_of('cases.max_severity') }} as recommended_tone,
    cases.channel as recommended_channel,
    cases.rule_id as recommended_rule_id,
    cases.reason as recommended_reason,
    coalesce(owners.team_id, 'unattributed') as team_id,
    contexts.account_name,
    contexts.status as account_status,
    contexts.customer_since,
    cast(cases.tenure_years as {{ type_double() }}) as tenure_years,
    cases.known_invoices,
    cases.on_time_rate,
    cases.mean_days_late,
    cases.is_disputed,
    cases.has_open_conflict as has_open_escalation,
    cast(contexts.open_escalation_count as bigint) as open_escalation_count,
    cast(contexts.open_dispute_count as bigint) as open_dispute_count,
    cast(contexts.open_outage_count as bigint) as open_outage_count,
    cast(contexts.last_nps_score as bigint) as last_nps_score,
    contexts.last_scored_at,
    contexts.last_notice_at,
    cast(contexts.last_notice_severity as bigint) as last_notice_severity,
    contexts.flagged_notice_count,
    contexts.renewal_on,
    cast(contexts.days_to_renewal as bigint) as days_to_renewal,
    contexts.annual_value,
    contexts.currency as annual_value_currency
from invoices
inner join cases on 'invoice ' || invoices.invoice_id = cases.case_id
inner join contexts on invoices.account_id = contexts.account_id
{{ join_owners("'" ~ var('billing_touchpoint') ~ "'", 'invoices', day_of('invoices.as_of')) }}
