/*
Grain    one row per notice
Measure  the notice in its account's own days, how severe kind and wording make it, and the team that answers for it
Nulls    days_past_due for an invoice that never landed; tenure_years without customer_since
*/
with

notices as (

    select * from {{ ref('stg_billing__notices') }}

),

judged as (

    select * from {{ ref('int_notices__wording_severity') }}

),

invoices as (

    select * from {{ ref('int_invoices__settlements') }}

),

merged as (

    select * from {{ ref('int_accounts__merges') }}

),

accounts as (

    select * from {{ ref('int_accounts__current') }}

),

contact_merges as (

    select * from {{ ref('int_contacts__merges') }}

),

placed as (

    select
        notices.*,
        coalesce(merged.surviving_account_id, 'unknown') as surviving_account_id,
        {{ counted_account_id('merged', 'notices.account_id') }} as counted_account_id,
        {{ counted_contact_key('contact_merges', 'notices.contact_key') }} as counted_contact_key,
        {{ is_contact_known('contact_merges') }} as is_contact_known,
        coalesce(accounts.account_type, 'unknown') as account_type,
        coalesce(accounts.region, 'unknown') as region,
        coalesce(accounts.time_zone, 'UTC') as time_zone,
        accounts.customer_since,
        {{ day_of('notices.sent_at') }} as sent_day,
        {{ local_day('notices.sent_at', "coalesce(accounts.time_zone, 'UTC')") }} as sent_on,
        {{ severity_of_kind('notices.notice_kind') }} as kind_severity
    from notices
    left join merged on notices.account_id = merged.landed_account_id
    left join contact_merges on notices.contact_key = contact_merges.landed_contact_key
    left join accounts on merged.surviving_account_id = accounts.account_id

)

select
    placed.notice_id,
    placed.invoice_id,
    placed.surviving_account_id as account_id,
    placed.counted_account_id,
    placed.account_type,
    placed.region,
    placed.time_zone,
    placed.customer_since,
    placed.counted_contact_key as contact_key,
    placed.is_contact_known,
    placed.notice_kind,
    placed.channel,
    placed.sent_at,
    placed.sent_on,
    invoices.due_on,
    {{ days_between('invoices.due_on', 'placed.sent_on') }} as days_past_due,
    coalesce(placed.sent_on <= invoices.due_on, false) as is_before_due,
    {{ tenure_years('placed.customer_since', 'placed.sent_on') }} as tenure_years,
    greatest(coalesce(placed.kind_severity, 0), coalesce(judged.severity, 0)) as severity,
    coalesce(judged.severity, 0) > coalesce(placed.kind_severity, 0) as is_raised_by_wording,
    judged.wording_phrase,
    judged.wording_condition,
    judged.wording_deadline,
    coalesce(nullif(placed.sent_by_team, 'unknown'), owners.team_id, 'unattributed') as team_id
from placed
left join invoices on placed.invoice_id = invoices.invoice_id
left join judged on placed.notice_id = judged.notice_id
{{ join_owners("'" ~ var('billing_touchpoint') ~ "'", 'placed', 'placed.sent_day') }}
