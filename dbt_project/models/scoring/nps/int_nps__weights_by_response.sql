/*
Grain    one row per survey level, period and counted response
Measure  value_weight, account_weight, none_weight: w, the response's share of the headline under each weighting;
         own_weight: what it weighs in the score of its own account
Nulls    none
*/
select
    level,
    period_key,
    response_id,
    max(case when has_cell then 1 else 0 end) = 1 as has_cell,
    max(case when has_voice then 1 else 0 end) = 1 as has_voice,
    {{ stable_sum('value_weight') }} as value_weight,
    {{ stable_sum('account_weight') }} as account_weight,
    {{ stable_sum('none_weight') }} as none_weight,
    {{ stable_sum('own_weight') }} as own_weight
from {{ ref('int_nps__weights_by_unit') }}
group by
    level,
    period_key,
    response_id
