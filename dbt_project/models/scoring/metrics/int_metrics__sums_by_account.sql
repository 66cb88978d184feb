/*
Grain    one row per survey level, period, subject (a metric or a measure), account and landed account that it counts as
Measure  exact sums of what the account's counted responses say of the subject: they add up to those of its segment, its
         region and all. Only answers of unknown accounts count as several accounts
Nulls    values and scales where no answer weighs, or matters
*/
with

answers as (

    {{ answers_in_groups("split = 'account'") }}

)

select
    level,
    period_key,
    kind,
    subject,
    group_id as account_id,
    counted_account_id,
    cast(max(response_count) as bigint) as account_count,
    cast(max(case when weight > 0 then response_count else 0 end) as bigint) as weighing_account_count,
    {{ answer_sums() }}
from answers
group by
    level,
    period_key,
    kind,
    subject,
    group_id,
    counted_account_id
