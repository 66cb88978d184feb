/*
Grain    one row per account that is or was a client
Measure  how the account feels, pays and is treated, and what of its value is at risk at the next renewal
Nulls    score where it is suppressed or nobody answered; churn_probability and value_at_risk where too few outcomes of
         past renewals are known, or no renewal lies ahead: value_at_risk_reason says which
*/
with

contexts as (

    select contexts.*
    from {{ ref('int_billing__account_contexts') }} as contexts
    where contexts.account_id <> 'unknown' and {{ is_client('contexts') }}

),

values_now as (

    select
        account_id,
        reporting_value,
        reporting_currency
    from {{ ref('dim_account') }}

),

scores as (

    select
        *,
        max(period_end) over () as last_period_end
    from {{ ref('rpt_nps') }}
    where
        level = 'relationship'
        and period_grain = 'trailing_year'
        and weighting = '{{ var("headline_weighting") }}'
        and split = 'account'

),

conflicts as (

    select
        conflicts.account_id,
        count(*) as open_conflict_count
    from {{ ref('rpt_touchpoint_conflict') }} as conflicts
    where conflicts.is_open
    group by conflicts.account_id

),

behaviours as (

    select
        account_id,
        cast(sum(known_invoices) as bigint) as known_invoices,
        {{ per_known_invoice('sum(on_time_count)', 'sum(known_invoices)') }} as on_time_rate,
        {{ per_known_invoice('sum(days_late_sum)', 'sum(known_invoices)') }} as mean_days_late
    from {{ ref('rpt_payment_behaviour') }}
    where is_current
    group by account_id

),

risks as (

    select
        *,
        outcome_count >= {{ var('renewal_minimum_outcomes') }} as is_enough
    from {{ ref('int_renewals__risks') }}
    where has_churned is null

)

select
    contexts.account_id,
    contexts.account_name,
    contexts.status as account_status,
    scores.score,
    scores.role_coverage,
    scores.score - previous.score as score_change,
    coalesce(conflicts.open_conflict_count, 0) as open_conflict_count,
    cast(contexts.open_escalation_count as bigint) as open_escalation_count,
    cast(contexts.open_dispute_count as bigint) as open_dispute_count,
    cast(contexts.open_outage_count as bigint) as open_outage_count,
    contexts.flagged_notice_count,
    coalesce(behaviours.known_invoices, 0) as known_invoices,
    behaviours.on_time_rate,
    behaviours.mean_days_late,
    contexts.renewal_on,
    cast(contexts.days_to_renewal as bigint) as days_to_renewal,
    contexts.annual_value,
    contexts.currency,
    values_now.reporting_value,
    values_now.reporting_currency,
    risks.signals as risk_signals,
    risks.risk_level,
    case when risks.is_enough then risks.churn_probability end as churn_probability,
    cast(
        case when risks.is_enough then values_now.reporting_value * risks.churn_probability end as decimal(18, 2)
    ) as value_at_risk,
    case
        when risks.account_id is null then 'no_renewal_ahead'
        when not risks.is_enough then 'too_few_outcomes'
        when values_now.reporting_value is null then 'no_value'
    end as value_at_risk_reason
from contexts
inner join values_now on contexts.account_id = values_now.account_id
left join scores
    on
        contexts.account_id = scores.group_id
        and scores.period_end = scores.last_period_end
left join scores as previous
    on
        contexts.account_id = previous.group_id
        and previous.period_end = {{ add_months('previous.last_period_end', -12) }}
left join conflicts on contexts.account_id = conflicts.account_id
left join behaviours on contexts.account_id = behaviours.account_id
left join risks on contexts.account_id = risks.account_id
