/*
Grain    one row per open invoice, local day from that of the clock to two days later, and severity
Measure  whether a notice of that severity may go out on that day, why not, who decides until when, and what may go out
Nulls    recommendations where no rule fits; the record where nothing is known; decides_team_id and until_at of `go`
*/
with

moments as (

    select *
    from {{ ref('int_billing__moments') }}
    where notice_id is null

),

invoices as (

    select * from {{ ref('int_invoices__settlements') }}

),

guidance as (

    select * from {{ ref('int_billing__guidance_by_moment') }}

),

reasons as (

    select * from {{ ref('int_billing__verdict_reasons') }}

),

verdicts as (

    {{ verdicts('reasons') }}

),

severities as (

    {{ severities() }}

)

select
    moments.invoice_id,
    invoices.invoice_number,
    moments.account_id,
    moments.on_day,
    cast(severities.severity as bigint) as severity,
    coalesce(verdicts.verdict, 'go') as verdict,
    coalesce(verdicts.verdict_spoken, 'go') as verdict_spoken,
    coalesce(verdicts.reasons, '') as reasons,
    guidance.max_severity as recommended_severity,
    guidance.channel as recommended_channel,
    guidance.rule_id as recommended_rule_id,
    guidance.reason as recommended_reason,
    moments.days_past_due,
    guidance.known_invoices,
    guidance.on_time_rate,
    cast(moments.tenure_years as {{ type_double() }}) as tenure_years,
    {{ is_demand_before_due('severities.severity', 'moments.days_past_due') }} as is_demand_before_due,
    {{ is_tone_mismatch(
        'severities.severity', 'guidance.known_invoices', 'guidance.on_time_rate', 'moments.tenure_years'
    ) }} as is_tone_mismatch,
    verdicts.decides_team_id,
    verdicts.until_at,
    moments.team_id,
    invoices.as_of
from moments
cross join severities
inner join invoices on moments.invoice_id = invoices.invoice_id
inner join guidance on moments.moment_id = guidance.moment_id
left join verdicts
    on
        moments.moment_id = verdicts.moment_id
        and severities.severity = verdicts.severity
