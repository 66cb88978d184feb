{%- set keys = 'answers.level, answers.period_key, answers.kind, answers.subject, members.split, members.group_id' -%}
/*
Grain    one row per survey level, period, subject (a metric or a measure), split and group with a counted response
Measure  weighted means of what counted responses say of the subject, what its spread and effective size need, counts
Nulls    means and effective_n are null for a group whose responses weigh nothing; score where scales differ
*/
with

answers as (

    select * from {{ ref('int_answers_counted') }}

),

members as (

    select
        groups.*,
        responses.counted_account_id
    from {{ ref('int_responses_grouped') }} as groups
    inner join {{ ref('int_survey_responses_resolved') }} as responses on groups.response_id = responses.response_id

),

sums as (

    select
        {{ keys }},
        count(*) as response_count,
        count(distinct members.counted_account_id) as account_count,
        {{ stable_sum('members.weight') }} as weight,
        {{ stable_sum('members.weight * members.weight') }} as squared_weight,
        max(members.weight) as max_weight,
        {{ stable_sum('members.weight * answers.score') }} as score_sum,
        {{ stable_sum('members.weight * answers.value') }} as value_sum,
        {{ stable_sum('members.weight * answers.value * answers.value') }} as squared_value_sum,
        {{ stable_sum('members.weight * answers.top_box') }} as top_box_sum,
        {{ stable_sum('members.weight * answers.top_two') }} as top_two_sum,
        min(case when members.weight > 0 then answers.value end) as lowest_value,
        max(case when members.weight > 0 then answers.value end) as highest_value,
        min(answers.first_scale) = max(answers.last_scale) as is_one_scale
    from answers
    inner join members
        on
            answers.period_key = members.period_key
            and answers.response_id = members.response_id
    where answers.is_relevant
    group by
        {{ keys }}

),

left_out as (

    select
        {{ keys }},
        count(*) as response_count
    from answers
    inner join members
        on
            answers.period_key = members.period_key
            and answers.response_id = members.response_id
    where not answers.is_relevant
    group by
        {{ keys }}

)

select
    sums.level,
    sums.period_key,
    sums.kind,
    sums.subject,
    sums.split,
    sums.group_id,
    sums.response_count,
    sums.account_count,
    coalesce(left_out.response_count, 0) as irrelevant_count,
    sums.weight,
    case when sums.is_one_scale then sums.score_sum / nullif(sums.weight, 0) end as score,
    sums.value_sum / nullif(sums.weight, 0) as value,
    sums.top_box_sum / nullif(sums.weight, 0) as top_box_share,
    sums.top_two_sum / nullif(sums.weight, 0) as top_two_share,
    sums.weight * sums.weight / nullif(sums.squared_weight, 0) as effective_n,
    sums.max_weight / nullif(sums.weight, 0) as max_weight_share,
    case
        when sums.lowest_value < sums.highest_value
            then sqrt(greatest(0.0, (
                sums.squared_value_sum / sums.weight - power(sums.value_sum / sums.weight, 2)
            )))
    end as deviation
from sums
left join left_out
    on
        {{ same('sums', 'left_out', ['level', 'period_key', 'kind', 'subject', 'split', 'group_id']) }}
