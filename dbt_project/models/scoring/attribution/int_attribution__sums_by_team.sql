{{ config(materialized='table') }}
/*
Grain    one row per survey level, period, weighting, attribution rule and team
Measure  the team's part of the headline, its shares of promoters and detractors, effective n and pooled variance
Nulls    shares, score and effective_n are null for a team whose responses weigh nothing
*/
with

responses as (

    select
        weights.level,
        weights.period_key,
        shares.attribution_rule,
        shares.team_id,
        responses.counted_account_id,
        responses.nps_value,
        weights.value_weight * shares.share as value_weight,
        weights.account_weight * shares.share as account_weight,
        weights.none_weight * shares.share as none_weight
    from {{ ref('int_nps__weights_by_response') }} as weights
    inner join {{ ref('int_responses__resolved') }} as responses on weights.response_id = responses.response_id
    inner join {{ ref('int_responses__team_shares') }} as shares on weights.response_id = shares.response_id

),

teams as (

    select
        level,
        period_key,
        attribution_rule,
        team_id,
        count(*) as response_count,
        count(distinct counted_account_id) as account_count,
        {{ weighing_counts('value', 'value_weight') }},
        {{ weighing_counts('account', 'account_weight') }},
        {{ weighing_counts('none', 'none_weight') }}
    from responses
    group by
        level,
        period_key,
        attribution_rule,
        team_id

),

answers as (

    select
        level,
        period_key,
        attribution_rule,
        team_id,
        nps_value,
        {% for weight in ('value_weight', 'account_weight', 'none_weight') -%}
        {{ stable_sum(weight) }} as {{ weight }},
        {{ stable_sum(weight ~ ' * ' ~ weight) }} as {{ weight | replace('_', '_squared_') }},
        max({{ weight }}) as {{ weight | replace('_', '_max_') }}
        {%- if not loop.last %},{% endif %}
        {% endfor -%}
    from responses
    group by
        level,
        period_key,
        attribution_rule,
        team_id,
        nps_value

),

weighed as (

    {% for weighting in ('value', 'account', 'none') -%}
    select
        level,
        period_key,
        '{{ weighting }}' as weighting,
        attribution_rule,
        team_id,
        {{ stable_sum(weighting ~ '_weight') }} as weight_share,
        {{ stable_sum(weighting ~ '_weight * nps_value') }} as contribution_share,
        {{ stable_sum(weighting ~ '_squared_weight') }} as squared_weight,
        {{ stable_sum('case when nps_value = 1 then ' ~ weighting ~ '_weight else 0 end') }} as promoter_weight,
        {{ stable_sum('case when nps_value = -1 then ' ~ weighting ~ '_weight else 0 end') }} as detractor_weight,
        max({{ weighting }}_max_weight) as max_weight
    from answers
    group by
        level,
        period_key,
        attribution_rule,
        team_id
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

)

select
    weighed.level,
    weighed.period_key,
    weighed.weighting,
    weighed.attribution_rule,
    weighed.team_id,
    teams.response_count,
    teams.account_count,
    {{ of_weighting('teams', 'weighing_count', of='weighed') }} as weighing_count,
    {{ of_weighting('teams', 'weighing_account_count', of='weighed') }} as weighing_account_count,
    weighed.weight_share,
    weighed.contribution_share,
    weighed.contribution_share / nullif(weighed.weight_share, 0) as team_score,
    weighed.promoter_weight / nullif(weighed.weight_share, 0) as promoter_share,
    weighed.detractor_weight / nullif(weighed.weight_share, 0) as detractor_share,
    weighed.weight_share * weighed.weight_share / nullif(weighed.squared_weight, 0) as effective_n,
    weighed.max_weight / nullif(weighed.weight_share, 0) as max_weight_share,
    -- spread of the answers around the team's own score, in shares of the whole
    greatest(
        0.0,
        weighed.promoter_weight + weighed.detractor_weight
        - weighed.contribution_share * weighed.contribution_share / nullif(weighed.weight_share, 0)
    ) as variance_share
from weighed
inner join teams
    on
        weighed.level = teams.level
        and weighed.period_key = teams.period_key
        and weighed.attribution_rule = teams.attribution_rule
        and weighed.team_id = teams.team_id
