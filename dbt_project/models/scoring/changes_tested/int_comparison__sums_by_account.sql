{%- set weights = ['value_weight', 'value_net_weight', 'account_weight', 'account_net_weight', 'none_weight',
    'none_net_weight'] -%}
/*
Grain    one row per survey level, period, split (total, role, segment, team), attribution rule, group and account with
         a counted response in it
Measure  per weighting, what the account's responses weigh in the group, and their net: weight times net promoter value
Nulls    none; attribution_rule is `none` but for teams
*/
with

responses as {{ not_materialized() }} (

    select
        weights.level,
        weights.period_key,
        weights.response_id,
        responses.counted_account_id,
        responses.nps_value,
        coalesce(accounts.segment, 'unknown') as segment,
        weights.value_weight,
        weights.account_weight,
        weights.none_weight
    from {{ ref('int_nps__weights_by_response') }} as weights
    inner join {{ ref('int_responses__resolved') }} as responses on weights.response_id = responses.response_id
    left join {{ ref('int_accounts__groups') }} as accounts on responses.account_id = accounts.account_id
    where weights.has_voice

),

units as (

    select
        units.level,
        units.period_key,
        units.role,
        responses.counted_account_id,
        responses.nps_value,
        units.value_weight,
        units.account_weight,
        units.none_weight
    from {{ ref('int_nps__weights_by_unit') }} as units
    inner join {{ ref('int_responses__resolved') }} as responses on units.response_id = responses.response_id
    where units.has_voice

),

shares as (

    select
        responses.level,
        responses.period_key,
        shares.attribution_rule,
        shares.team_id,
        responses.counted_account_id,
        responses.nps_value,
        responses.value_weight * shares.share as value_weight,
        responses.account_weight * shares.share as account_weight,
        responses.none_weight * shares.share as none_weight
    from responses
    inner join {{ ref('int_responses__team_shares') }} as shares on responses.response_id = shares.response_id

),

-- an account is in one segment
accounts as (

    select
        level,
        period_key,
        segment,
        counted_account_id,
        {{ net_sums() }}
    from responses
    group by
        level,
        period_key,
        segment,
        counted_account_id

)

{% for split, group_id in {'total': "'total'", 'segment': 'segment'}.items() -%}
select
    level,
    period_key,
    '{{ split }}' as split,
    'none' as attribution_rule,
    {{ group_id }} as group_id,
    counted_account_id,
    {{ weights | join(', ') }}
from accounts

union all

{% endfor -%}
select
    level,
    period_key,
    'role' as split,
    'none' as attribution_rule,
    role as group_id,
    counted_account_id,
    {{ net_sums() }}
from units
group by
    level,
    period_key,
    role,
    counted_account_id

union all

select
    level,
    period_key,
    'team' as split,
    attribution_rule,
    team_id as group_id,
    counted_account_id,
    {{ net_sums() }}
from shares
group by
    level,
    period_key,
    attribution_rule,
    team_id,
    counted_account_id
