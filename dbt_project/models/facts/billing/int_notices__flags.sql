{{ config(materialized='table') }}
/*
Grain    one row per notice
Measure  whether it demanded payment before the due day or struck a tone the account's record did not deserve
Nulls    on_time_rate and mean_days_late where nothing was known; both flags are false then
*/
with

notices as (

    select * from {{ ref('int_notices__resolved') }}

),

records as (

    select * from {{ ref('int_invoices__payment_records') }}

),

flagged as (

    select
        notices.*,
        records.known_invoices,
        records.on_time_rate,
        records.mean_days_late,
        {{ is_demand_before_due('notices.severity', 'notices.days_past_due') }} as is_demand_before_due,
        {{ is_tone_mismatch(
            'notices.severity', 'records.known_invoices', 'records.on_time_rate', 'notices.tenure_years'
        ) }} as is_tone_mismatch
    from notices
    inner join records on 'notice ' || notices.notice_id = records.moment_id

)

select
    notice_id,
    invoice_id,
    account_id,
    counted_account_id,
    contact_key,
    is_contact_known,
    notice_kind,
    channel,
    sent_at,
    sent_on,
    days_past_due,
    is_before_due,
    tenure_years,
    severity,
    is_raised_by_wording,
    wording_phrase,
    wording_condition,
    wording_deadline,
    known_invoices,
    on_time_rate,
    mean_days_late,
    is_demand_before_due,
    is_tone_mismatch,
    is_demand_before_due or is_tone_mismatch as is_flagged,
    team_id
from flagged
