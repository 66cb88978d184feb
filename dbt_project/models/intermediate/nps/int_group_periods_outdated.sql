/*
Grain    one row per period in which groups of responses may have changed since the last publication
Measure  periods whose scores changed, and those that hold a response about other interactions, products or bundles now
Nulls    none
*/
select period_key from {{ ref('int_periods_outdated') }}

union

select period_key
from {{ ref('int_nps_responses_counted') }}
where response_id in ({{ changed('int_responses_placed', 'response_id') }})
