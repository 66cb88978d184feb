/*
Grain    one row per period, account in the frame, role and contact who held it on some day of the period
Measure  the people who could have answered in the periods to score: the frame read through the list of periods
Nulls    as in int_frame__contacts
*/
select
    period_key,
    account_id,
    {{ account_attributes() | join(',\n    ') }},
    role,
    role_group,
    contact_key,
    has_one_place
from {{ ref('int_frame__contacts') }}
where period_key in (select periods.period_key from {{ ref('int_periods_to_score') }} as periods)
