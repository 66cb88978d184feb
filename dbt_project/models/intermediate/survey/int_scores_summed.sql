{%- set terms = {
    'weight': 'weight',
    'squared_weight': 'weight * weight',
    'score_sum': 'weight * score',
    'value_sum': 'weight * value',
    'squared_value_sum': 'weight * value * value',
    'top_box_sum': 'weight * top_box',
    'top_two_sum': 'weight * top_two',
} -%}
{%- set splits_of_accounts = ['account', 'segment', 'account_type', 'region', 'total'] -%}
/*
Grain    one row per survey level, period, subject (a metric or a measure), split and group with a counted response
Measure  weighted means of what counted responses say of the subject, what its spread and effective size need, counts
Nulls    means and effective_n are null for a group whose responses weigh nothing; score where scales differ
*/
with

answers as (

    select * from {{ ref('int_answers_counted') }}

),

groups as (

    select * from {{ ref('int_responses_grouped') }}

),

responses as (

    select * from {{ ref('int_survey_responses_resolved') }}

),

accounts as (

    select * from {{ ref('int_accounts_grouped') }}

),

said as {{ not_materialized() }} (

    select
        answers.level,
        answers.period_key,
        answers.kind,
        answers.subject,
        groups.split,
        groups.group_id,
        responses.counted_account_id,
        answers.score,
        answers.value,
        answers.top_box,
        answers.top_two,
        case when answers.is_relevant then groups.weight else 0.0 end as weight,
        case when answers.is_relevant then 1 else 0 end as response_count,
        case when answers.is_relevant then 0 else 1 end as irrelevant_count,
        case when answers.is_relevant then answers.first_scale end as first_scale,
        case when answers.is_relevant then answers.last_scale end as last_scale,
        case when answers.is_relevant and groups.weight > 0 then answers.value end as weighing_value
    from answers
    inner join groups
        on
            answers.period_key = groups.period_key
            and answers.response_id = groups.response_id
    inner join responses on answers.response_id = responses.response_id

),

-- what an account says is added up once for all the groups it is in
of_accounts as (

    select
        level,
        period_key,
        kind,
        subject,
        group_id as account,
        counted_account_id,
        sum(response_count) as response_count,
        sum(irrelevant_count) as irrelevant_count,
        {% for name, term in terms.items() -%}
        {{ exact_sum(term) }} as {{ name }},
        {% endfor -%}
        max(weight) as max_weight,
        min(weighing_value) as lowest_value,
        max(weighing_value) as highest_value,
        min(first_scale) as first_scale,
        max(last_scale) as last_scale
    from said
    where split = 'account'
    group by
        level,
        period_key,
        kind,
        subject,
        group_id,
        counted_account_id

),

placed as (

    select
        of_accounts.*,
        coalesce(accounts.segment, 'unknown') as segment,
        coalesce(accounts.account_type, 'unknown') as account_type,
        coalesce(accounts.region, 'unknown') as region,
        'total' as total
    from of_accounts
    left join accounts on of_accounts.account = accounts.account_id

),

sums as (

    {% for split in splits_of_accounts -%}
    select
        level,
        period_key,
        kind,
        subject,
        '{{ split }}' as split,
        {{ split }} as group_id,
        sum(response_count) as response_count,
        sum(irrelevant_count) as irrelevant_count,
        sum(case when response_count > 0 then 1 else 0 end) as account_count,
        {% for name in terms -%}
        sum({{ name }}) as {{ name }},
        {% endfor -%}
        max(max_weight) as max_weight,
        min(lowest_value) as lowest_value,
        max(highest_value) as highest_value,
        min(first_scale) = max(last_scale) as is_one_scale
    from placed
    group by
        level,
        period_key,
        kind,
        subject,
        {{ split }}

    union all

    {% endfor -%}
    select
        level,
        period_key,
        kind,
        subject,
        split,
        group_id,
        sum(response_count) as response_count,
        sum(irrelevant_count) as irrelevant_count,
        count(distinct case when response_count > 0 then counted_account_id end) as account_count,
        {% for name, term in terms.items() -%}
        {{ exact_sum(term) }} as {{ name }},
        {% endfor -%}
        max(weight) as max_weight,
        min(weighing_value) as lowest_value,
        max(weighing_value) as highest_value,
        min(first_scale) = max(last_scale) as is_one_scale
    from said
    where split <> 'account'
    group by
        level,
        period_key,
        kind,
        subject,
        split,
        group_id

),

numbers as (

    select
        level,
        period_key,
        kind,
        subject,
        split,
        group_id,
        cast(response_count as bigint) as response_count,
        cast(account_count as bigint) as account_count,
        cast(irrelevant_count as bigint) as irrelevant_count,
        {% for name in terms -%}
        cast({{ name }} as {{ type_double() }}) as {{ name }},
        {% endfor -%}
        max_weight,
        lowest_value,
        highest_value,
        is_one_scale
    from sums
    where response_count > 0

)

select
    level,
    period_key,
    kind,
    subject,
    split,
    group_id,
    response_count,
    account_count,
    irrelevant_count,
    weight,
    case when is_one_scale then score_sum / nullif(weight, 0) end as score,
    value_sum / nullif(weight, 0) as value,
    top_box_sum / nullif(weight, 0) as top_box_share,
    top_two_sum / nullif(weight, 0) as top_two_share,
    weight * weight / nullif(squared_weight, 0) as effective_n,
    max_weight / nullif(weight, 0) as max_weight_share,
    case
        when lowest_value < highest_value
            then sqrt(greatest(0.0, squared_value_sum / weight - power(value_sum / weight, 2)))
    end as deviation
from numbers
