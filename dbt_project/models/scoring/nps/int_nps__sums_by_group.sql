{%- set splits = columns_of(account_attributes() + ['channel']) -%}
/*
Grain    one row per survey level, period, split and group with a counted response
Measure  counts; per weighting value and account the part of the headline's weight that the responses hold, of its net
         score, and the sums by answer of the weights that score the group: those in the headline, for an account its
         own. share_ are the plain shares that speak for the group, which is its score without weighting; cell_ those of
         people of the frame
Nulls    none
*/
with

responses as (

    select
        weights.*,
        responses.account_id,
        responses.counted_account_id,
        responses.channel,
        responses.nps_value,
        {{ account_attributes_of('accounts') }},
        case when weights.has_voice then 1.0 else 0.0 end as voice_share,
        case when weights.has_cell then 1.0 else 0.0 end as cell_share
    from {{ ref('int_nps__weights_by_response') }} as weights
    inner join {{ ref('int_responses__resolved') }} as responses on weights.response_id = responses.response_id
    left join {{ ref('int_accounts__groups') }} as accounts on responses.account_id = accounts.account_id

),

role_responses as (

    select
        weights.*,
        responses.counted_account_id,
        responses.nps_value
    from {{ ref('int_nps__weights_by_response_and_group') }} as weights
    inner join {{ ref('int_responses__resolved') }} as responses on weights.response_id = responses.response_id

)

select
    level,
    period_key,
    'account' as split,
    account_id as group_id,
    {{ group_sums('own_weight', 'own_weight') }}
from responses
group by
    level,
    period_key,
    account_id

union all

select
    level,
    period_key,
    split,
    group_id,
    {{ group_sums('value_weight', 'account_weight') }}
from role_responses
group by
    level,
    period_key,
    split,
    group_id

union all

select
    level,
    period_key,
    {{ group_columns(splits) }},
    {{ group_sums('value_weight', 'account_weight') }}
from responses
{{ group_sets(['level', 'period_key'], splits) }}  -- noqa: PRS
