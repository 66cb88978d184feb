{{ config(materialized='table') }}
/*
Grain    one row per notice, and one per open invoice and day: that of the clock, in the account's time zone, and the
         two after it
Measure  about which invoice, day and account it is asked whether a notice may go out, who would send it, and what went
         on at the account
Nulls    notice_id, severity and is_spoken of an open invoice: every severity may be asked; what is known of an invoice
         that never landed; the teams, and the renewal, of what did not go on
*/
with

notices as (

    select * from {{ ref('int_notices__resolved') }}

),

invoices as (

    select * from {{ ref('int_invoices__settlements') }}

),

conflicts as (

    select * from {{ ref('int_conflicts__by_account') }}

),

days_ahead as (

    {% for days in range(var('guard_days_ahead') + 1) -%}
    select {{ days }} as days
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

),

asked as (

    select
        'notice ' || notice_id as moment_id,
        notice_id,
        invoice_id,
        account_id,
        counted_account_id,
        account_type,
        region,
        time_zone,
        sent_on as on_day,
        {{ day_of('sent_at') }} as renewal_day,
        sent_at as judged_at,
        sent_at as known_at,
        customer_since,
        severity,
        {{ is_spoken('channel') }} as is_spoken,
        team_id as sent_by_team
    from notices

    union all

    select
        {{ open_moment_id('invoices.invoice_id', 'days_ahead.days') }} as moment_id,
        cast(null as varchar) as notice_id,
        invoices.invoice_id,
        invoices.account_id,
        invoices.counted_account_id,
        invoices.account_type,
        invoices.region,
        invoices.time_zone,
        {{ add_days('invoices.today', 'days_ahead.days') }} as on_day,
        {{ add_days('invoices.today', 'days_ahead.days') }} as renewal_day,
        invoices.as_of as judged_at,
        {{ instant_of(end_of_time()) }} as known_at,
        invoices.customer_since,
        cast(null as bigint) as severity,
        cast(null as boolean) as is_spoken,
        cast(null as varchar) as sent_by_team
    from invoices
    cross join days_ahead
    where invoices.is_open

),

going_on as (

    {{ conflicts_at('asked', 'conflicts') }}

)

select
    asked.moment_id,
    asked.notice_id,
    asked.invoice_id,
    asked.account_id,
    asked.counted_account_id,
    asked.account_type,
    asked.region,
    asked.time_zone,
    asked.on_day,
    asked.judged_at,
    asked.known_at,
    invoices.due_on,
    {{ days_between('invoices.due_on', 'asked.on_day') }} as days_past_due,
    {{ tenure_years('asked.customer_since', 'asked.on_day') }} as tenure_years,
    asked.severity,
    asked.is_spoken,
    invoices.invoice_id is not null as is_invoice_known,
    coalesce(invoices.account_id <> 'unknown', true) as is_account_known,
    going_on.escalation_team_id,
    going_on.dispute_team_id,
    going_on.renewal_window_team_id,
    going_on.renewal_ends_on,
    coalesce(going_on.outage_count, 0) > 0 as has_open_outage,
    coalesce(asked.sent_by_team, owners.team_id, 'unattributed') as team_id
from asked
left join invoices on asked.invoice_id = invoices.invoice_id
left join going_on on asked.moment_id = going_on.moment_id
{{ join_owners("'" ~ var('billing_touchpoint') ~ "'", 'asked', day_of('asked.judged_at')) }}
