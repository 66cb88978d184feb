{{ scored_by_period() }}
/*
Grain    one row per survey level, period, weighting, split and group with a counted response
Measure  the role-weighted net promoter score of the group, its uncertainty, and what it contributes to the headline
Nulls    figures of suppressed groups, of groups without weight; base_ci_ under the weightings; frame_count and
         the coverages for channels and what interactions are about, which are no part of the frame
*/
with

groups as (

    select * from {{ ref('int_nps__scores_by_group') }}

),

periods as (

    select *
    from {{ ref('int_periods_to_score') }}
    where is_touched

),

frames as (

    select * from {{ ref('int_frame__sums_by_group') }}

),

coverages as (

    select * from {{ ref('int_nps__coverage_by_group') }}

),

judged as (

    select
        groups.*,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        case
            when groups.split not in ('channel', {{ "'" ~ interaction_splits() | join("', '") ~ "'" }})
                then coalesce(frames.frame_count, 0)
        end as frame_count,
        -- an account none of whose roles answered is covered by nothing, in the frame or out of it
        case
            when groups.split = 'account' then coalesce(coverages.own_coverage, 0)
            when groups.weighting = 'value' then coalesce(coverages.value_voice, 0) / nullif(frames.value_voice, 0)
            else coalesce(coverages.account_voice, 0) / nullif(frames.account_voice, 0)
        end as role_coverage,
        coalesce({{ of_weighting('coverages', 'answered_value', of='groups') }}, 0)
        / nullif(frames.annual_value, 0) as value_coverage,
        case
            when groups.split = 'total' and groups.weight_share = 0 then 'no_weight'
            when groups.split <> 'account'
                then {{ suppressed_reason(
                    'groups.weighing_count', 'groups.weighing_account_count', 'groups.max_weight_share',
                    is_exempt_from_accounts="groups.split = 'total'"
                ) }}
            when
                coalesce(coverages.own_coverage, 0)
                < {{ var('suppression_minimum_role_coverage') }} - {{ var('tolerance') }}
                then 'low_role_coverage'
        end as own_reason
    from groups
    inner join periods on groups.period_key = periods.period_key
    left join frames
        on
            groups.period_key = frames.period_key
            and groups.split = frames.split
            and groups.group_id = frames.group_id
    left join coverages
        on
            groups.level = coverages.level
            and groups.period_key = coverages.period_key
            and groups.split = coverages.split
            and groups.group_id = coverages.group_id

),

shown as (

    {{ with_complement(
        'judged', ['level', 'period_key', 'weighting', 'split'], 'group_id', 'weighing_count',
        exempt="(split = 'account')"
    ) }}

)

select
    level,
    period_grain,
    period_start,
    period_end,
    weighting,
    split,
    group_id,
    {{ unless_suppressed('100.0 * (promoter_share - detractor_share)') }} as score,
    {{ unless_suppressed(nps_interval('-', 'promoter_share', 'detractor_share', 'effective_n')) }} as ci_low,
    {{ unless_suppressed(nps_interval('+', 'promoter_share', 'detractor_share', 'effective_n')) }} as ci_high,
    case
        when suppressed_reason is null and weighting = 'none' then {{ nps_base_interval(
            '-', 'base_promoter_share', 'base_detractor_share', 'cell_response_count', 'frame_count'
        ) }}
    end as base_ci_low,
    case
        when suppressed_reason is null and weighting = 'none' then {{ nps_base_interval(
            '+', 'base_promoter_share', 'base_detractor_share', 'cell_response_count', 'frame_count'
        ) }}
    end as base_ci_high,
    {{ unless_suppressed('promoter_share') }} as promoter_share,
    {{ unless_suppressed('passive_share') }} as passive_share,
    {{ unless_suppressed('detractor_share') }} as detractor_share,
    {{ unless_suppressed('contribution') }} as contribution,
    weight_share,
    response_count,
    account_count,
    contact_count,
    frame_count,
    {{ unless_suppressed('effective_n') }} as effective_n,
    max_weight_share,
    role_coverage,
    value_coverage,
    split = 'total' and weighting = '{{ var("headline_weighting") }}' as is_headline,
    suppressed_reason
from shown
