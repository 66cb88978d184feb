/*
Grain    one row per period in which the parts of teams may have changed since the last publication
Measure  periods whose groups changed, and those that hold a response that belongs to other teams now
Nulls    none
*/
select period_key from {{ ref('int_group_periods_outdated') }}

union

select period_key
from {{ ref('int_nps_responses_counted') }}
where response_id in ({{ changed('int_responses_attributed', 'response_id') }})
