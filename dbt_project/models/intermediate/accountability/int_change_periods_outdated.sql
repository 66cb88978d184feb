/*
Grain    one row per period whose change may be another since the last publication
Measure  periods whose scores or teams may have changed, and those that follow one of them
Nulls    none
*/
select period_key from {{ ref('int_team_periods_outdated') }}

union

select period_key
from {{ ref('int_periods_paired') }}
where previous_period_key in (select outdated.period_key from {{ ref('int_team_periods_outdated') }} as outdated)
