/*
Grain    one row per period and account in the frame
Measure  the clients there were in the periods to score: the frame read through the list of periods
Nulls    as in int_frame__accounts
*/
select
    period_key,
    account_id,
    {{ account_attributes() | join(',\n    ') }},
    annual_value
from {{ ref('int_frame__accounts') }}
where period_key in (select periods.period_key from {{ ref('int_periods_to_score') }} as periods)
