{{ maintained(unit='period_key', outdated='int_team_periods_outdated') }}
/*
Grain    one row per survey level, period, split (total, role, segment, team), attribution rule, group and account with
         a counted response in it
Measure  per weighting, what the account's responses weigh in the group, and their net: weight times net promoter value
Nulls    none; attribution_rule is `none` but for teams
*/
with

responses as (

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
    from {{ ref('int_nps_responses_weighed') }} as weights
    inner join {{ ref('int_survey_responses_resolved') }} as responses on weights.response_id = responses.response_id
    left join {{ ref('int_accounts_resolved') }} as accounts on responses.account_id = accounts.account_id
    where
        weights.has_cell
        and {{ only_outdated('weights.period_key') }}

),

units as (

    select *
    from {{ ref('int_nps_units_weighed') }}
    where
        has_cell
        and {{ only_outdated('period_key') }}

),

shares as (

    select * from {{ ref('int_responses_attributed') }}

),

parts as (

    {% for split, group_id in {'total': "'total'", 'segment': 'segment'}.items() -%}
    select
        level,
        period_key,
        '{{ split }}' as split,
        'none' as attribution_rule,
        {{ group_id }} as group_id,
        counted_account_id,
        nps_value,
        value_weight,
        account_weight,
        none_weight
    from responses

    union all

    {% endfor -%}
    select
        units.level,
        units.period_key,
        'role' as split,
        'none' as attribution_rule,
        units.role as group_id,
        responses.counted_account_id,
        responses.nps_value,
        units.value_weight,
        units.account_weight,
        units.none_weight
    from units
    inner join responses
        on
            units.level = responses.level
            and units.period_key = responses.period_key
            and units.response_id = responses.response_id

    union all

    select
        responses.level,
        responses.period_key,
        'team' as split,
        shares.attribution_rule,
        shares.team_id as group_id,
        responses.counted_account_id,
        responses.nps_value,
        responses.value_weight * shares.share as value_weight,
        responses.account_weight * shares.share as account_weight,
        responses.none_weight * shares.share as none_weight
    from responses
    inner join shares on responses.response_id = shares.response_id

)

select
    level,
    period_key,
    split,
    attribution_rule,
    group_id,
    counted_account_id,
    {{ stable_sum('value_weight') }} as value_weight,
    {{ stable_sum('value_weight * nps_value') }} as value_net_weight,
    {{ stable_sum('account_weight') }} as account_weight,
    {{ stable_sum('account_weight * nps_value') }} as account_net_weight,
    {{ stable_sum('none_weight') }} as none_weight,
    {{ stable_sum('none_weight * nps_value') }} as none_net_weight
from parts
group by
    level,
    period_key,
    split,
    attribution_rule,
    group_id,
    counted_account_id
