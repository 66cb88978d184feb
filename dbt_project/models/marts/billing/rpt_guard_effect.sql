/*
Grain    one row per month, team that sends, and verdict
Measure  what became of what the guard was asked, what was sent without asking it, and how the invoices were paid
Nulls    shares without a check; paid_within_30_days_share and its interval before 30 days are over for any check of an
         invoice that was not paid when it was asked; median_days_to_paid before any was paid
*/
{%- set outcomes = [
    'pending', 'not_sent', 'sent_as_checked', 'sent_softer', 'sent_despite_hold', 'sent_despite_unknown',
    'sent_unsoftened', 'sent_harder',
] %}
with

clock as (

    select as_of from {{ source('memory', 'clock') }}

),

counted as (

    select
        cast(date_trunc('month', checks.asked_at) as date) as month,
        checks.team_id,
        checks.verdict,
        checks.check_id,
        checks.invoice_id,
        checks.outcome,
        checks.days_to_paid,
        -- an invoice that was paid when it was asked, or asked too late to tell, says nothing of being paid in time
        case
            when checks.asked_at > clock.as_of - interval '30' day then null
            when checks.paid_on < {{ day_of('checks.asked_at') }} then null
            when checks.days_to_paid <= 30 then 1
            else 0
        end as is_paid_in_time,
        0 as is_unchecked
    from {{ ref('fct_notice_check') }} as checks
    cross join clock

    union all

    select
        cast(date_trunc('month', sent_at) as date) as month,
        team_id,
        verdict,
        cast(null as varchar) as check_id,
        cast(null as varchar) as invoice_id,
        cast(null as varchar) as outcome,
        cast(null as bigint) as days_to_paid,
        cast(null as integer) as is_paid_in_time,
        1 as is_unchecked
    from {{ ref('fct_billing_notice') }}
    where not was_checked

),

summed as (

    select
        month,
        team_id,
        verdict,
        count(check_id) as check_count,
        count(distinct invoice_id) as invoice_count,
        {% for outcome in outcomes -%}
        sum(case when outcome = '{{ outcome }}' then 1 else 0 end) as {{ outcome }}_count,
        {% endfor -%}
        cast(sum(is_unchecked) as bigint) as unchecked_count,
        count(is_paid_in_time) as known_count,
        cast(sum(is_paid_in_time) as {{ type_double() }}) / nullif(count(is_paid_in_time), 0) as paid_share,
        {{ percentiles('cast(days_to_paid as ' ~ type_double() ~ ')', [0.5]) }} as medians
    from counted
    group by
        month,
        team_id,
        verdict

)

select
    month,
    team_id,
    verdict,
    'association' as evidence,
    check_count,
    invoice_count,
    {% for outcome in outcomes -%}
    cast({{ outcome }}_count as {{ type_double() }}) / nullif(check_count, 0) as {{ outcome }}_share,
    {% endfor -%}
    unchecked_count,
    case when verdict = 'hold' then unchecked_count else 0 end as unchecked_hold_count,
    paid_share as paid_within_30_days_share,
    {{ wilson_end('paid_share', 'known_count', '-') }} as ci_low,
    {{ wilson_end('paid_share', 'known_count', '+') }} as ci_high,
    {{ list_item('medians', 1) }} as median_days_to_paid
from summed
