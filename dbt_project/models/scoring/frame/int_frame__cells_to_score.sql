/*
Grain    one row per period, account in the frame and role present there
Measure  the roles present at each client in the periods to score: the frame read through the list of periods
Nulls    as in int_frame__cells
*/
select
    period_key,
    account_id,
    account_type,
    segment,
    role,
    role_group,
    role_weight
from {{ ref('int_frame__cells') }}
where period_key in (select periods.period_key from {{ ref('int_periods_to_score') }} as periods)
