{{ config(materialized='table') }}
{%- set keys = ['level', 'period_key', 'kind', 'subject'] -%}
{%- set columns = ['account_count', 'weighing_account_count', 'response_count', 'weighing_count', 'irrelevant_count']
    + answer_terms() | list + ['max_weight', 'lowest_value', 'highest_value', 'first_scale', 'last_scale'] -%}
{%- set splits = columns_of(account_attributes()) -%}
/*
Grain    one row per survey level, period, subject (a metric or a measure), split and group with a counted response
Measure  weighted means of what counted responses say of the subject, what its spread and effective size need, counts
Nulls    means and effective_n are null for a group whose responses weigh nothing; score where scales differ
*/
with

account_sums as (

    select * from {{ ref('int_metrics__sums_by_account') }}

),

accounts as (

    select * from {{ ref('int_accounts__groups') }}

),

answers as (

    {{ answers_in_groups("split <> 'account'") }}

),

placed as (

    select
        account_sums.*,
        {{ account_attributes_of('accounts') }}
    from account_sums
    left join accounts on account_sums.account_id = accounts.account_id

),

-- what accounts of one segment, type and region say: few rows, of which all their groups are sums
alike as (

    select
        {{ (keys + account_attributes()) | join(', ') }},
        {{ sums_of_answer_sums() }}
    from placed
    group by {{ (keys + account_attributes()) | join(', ') }}

),

sums as (

    select
        {{ keys | join(', ') }},
        'account' as split,
        account_id as group_id,
        {{ columns | join(', ') }}
    from account_sums
    where account_id <> 'unknown'

    union all

    select
        {{ keys | join(', ') }},
        'account' as split,
        account_id as group_id,
        {{ sums_of_answer_sums() }}
    from account_sums
    where account_id = 'unknown'
    group by {{ keys | join(', ') }}, account_id

    union all

    select
        {{ keys | join(', ') }},
        split,
        group_id,
        count(distinct case when response_count > 0 then counted_account_id end) as account_count,
        count(distinct case when weight > 0 then counted_account_id end) as weighing_account_count,
        {{ answer_sums() }}
    from answers
    group by {{ keys | join(', ') }}, split, group_id

    union all

    select
        {{ keys | join(', ') }},
        {{ group_columns(splits) }},
        {{ sums_of_answer_sums() }}
    from alike
    {{ group_sets(keys, splits) }}  -- noqa: PRS

),

numbers as (

    select
        {{ keys | join(', ') }},
        split,
        group_id,
        cast(response_count as bigint) as response_count,
        cast(account_count as bigint) as account_count,
        cast(weighing_count as bigint) as weighing_count,
        cast(weighing_account_count as bigint) as weighing_account_count,
        cast(irrelevant_count as bigint) as irrelevant_count,
        {% for name in answer_terms() -%}
        cast({{ name }} as {{ type_double() }}) as {{ name }},
        {% endfor -%}
        max_weight,
        lowest_value,
        highest_value,
        first_scale = last_scale as is_one_scale
    from sums
    where response_count > 0

)

select
    {{ keys | join(', ') }},
    split,
    group_id,
    response_count,
    account_count,
    weighing_count,
    weighing_account_count,
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
