{{ config(materialized='table') }}
/*
Grain    one row per moment, severity and reason: a notice has its severity, an open invoice each that may be asked
Measure  what speaks against sending it, what follows from that, who decides and until when, by the list of reasons
         (var guard_reasons, macro verdict_reasons); no answer of anybody is among what it reads
Nulls    until_at where it lasts until somebody settles it; both of a note, which decides nothing
*/
with

moments as (

    select
        moments.*,
        owners.team_id as dispute_owner_id
    from {{ ref('int_billing__moments') }} as moments
    {{ join_owners("'" ~ var('dispute_touchpoints')[0] ~ "'", 'moments', day_of('moments.judged_at')) }}

),

guidance as (

    select * from {{ ref('int_billing__guidance_by_moment') }}

),

owed as (

    select * from {{ ref('int_invoices__owed_by_moment') }}

),

refused as (

    select {{ json_text('record', 'invoice_id') }} as invoice_id
    from {{ source('quarantine', 'records') }}
    where source = 'billing' and entity in ('invoices', 'payments') and resolved_at is null
    group by {{ json_text('record', 'invoice_id') }}

),

severities as (

    {{ severities() }}

),

asked as (

    select
        moments.moment_id,
        severities.severity,
        moments.on_day,
        moments.time_zone,
        moments.due_on,
        moments.is_spoken,
        moments.is_invoice_known,
        moments.is_account_known,
        moments.notice_id is null and refused.invoice_id is not null as is_in_doubt,
        moments.escalation_team_id,
        moments.dispute_team_id,
        moments.renewal_window_team_id,
        moments.renewal_ends_on,
        moments.has_open_outage,
        moments.dispute_owner_id,
        moments.team_id,
        owed.is_owed,
        owed.is_disputed,
        owed.promised_on,
        owed.is_billed_twice,
        guidance.known_invoices,
        moments.tenure_years,
        guidance.rule_id,
        guidance.rule_severity,
        guidance.rule_channel,
        guidance.is_held_by_rule,
        guidance.rule_changes_on,
        {{ is_demand_before_due('severities.severity', 'moments.days_past_due') }} as is_demand_before_due,
        {{ is_tone_mismatch(
            'severities.severity', 'guidance.known_invoices', 'guidance.on_time_rate', 'moments.tenure_years'
        ) }} as is_tone_mismatch
    from moments
    inner join severities on coalesce(moments.severity = severities.severity, true)
    inner join guidance on moments.moment_id = guidance.moment_id
    left join owed on moments.moment_id = owed.moment_id
    left join refused on moments.invoice_id = refused.invoice_id

)

{% for reason in verdict_reasons() -%}
select
    moment_id,
    severity,
    {{ reason.place }} as place,
    '{{ reason.code }}' as reason,
    '{{ reason.verdict }}' as verdict,
    {% if reason.verdict == 'note' -%} cast(null as varchar)
    {%- elif reason.team -%} coalesce(nullif({{ reason.team }}, 'unattributed'), team_id)
    {%- else -%} team_id {%- endif %} as decides_team_id,
    {% if reason.until -%} {{ start_of_local_day(reason.until, 'time_zone') }}
    {%- else -%} cast(null as {{ type_instant() }}) {%- endif %} as until_at
from asked
where severity >= {{ reason.severity or 0 }} and {{ reason.when }}
{% if not loop.last %}
union all

{% endif %}
{%- endfor %}
