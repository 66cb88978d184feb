/*
Grain    one row per guidance rule
Measure  up to which severity and through which channel an account may be approached about an invoice
Nulls    an empty condition fits always
*/
with

rules as (

    select * from {{ ref('billing_conduct') }}

)

select
    rule_id,
    priority,
    min_days_past_due,
    max_days_past_due,
    min_on_time_rate,
    min_tenure_years,
    is_disputed,
    has_open_conflict,
    max_severity,
    channel,
    reason
from rules
