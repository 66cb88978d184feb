{{ scored_by_period() }}
{%- set keys = ['level', 'period_key', 'weighting', 'split', 'attribution_rule', 'group_id'] %}
{%- set family = 'level, period_key, weighting, split, attribution_rule' %}
/*
Grain    one row per survey level, period, weighting, split, attribution rule and group with weight in the period or the
         one before it
Measure  mix, performance, entry and exit: the group's parts of the headline's change, in points (Kitagawa 1955); and
         whether its own score changed by more than chance, of all groups of a split together (Benjamini and Hochberg
         1995)
Nulls    all figures of a group that is suppressed in either period; previous_score of an entry; score_change and
         p_value of an entry or exit; p_value with too few accounts; attribution_rule but for teams. No row where either
         period has no weight at all
*/
with

compared as (

    select * from {{ ref('int_comparison__groups') }}

),

tests as (

    select * from {{ ref('int_comparison__tests') }}

),

periods as (

    select *
    from {{ ref('int_periods_to_score') }}
    where is_touched and previous_period_key is not null

),

suppressed as (

    select
        level,
        {{ period_key() }} as period_key,
        weighting,
        split,
        'none' as attribution_rule,
        group_id,
        suppressed_reason
    from {{ ref('rpt_nps') }}
    where suppressed_reason is not null

    union all

    select
        level,
        {{ period_key() }} as period_key,
        weighting,
        'team' as split,
        attribution_rule,
        team_id as group_id,
        suppressed_reason
    from {{ ref('rpt_team_contribution') }}
    where suppressed_reason is not null

),

judged as (

    select
        compared.*,
        periods.period_grain,
        periods.period_start,
        periods.period_end,
        compared.weight_share > 0 and compared.previous_weight_share > 0 as is_in_both,
        coalesce(suppressed.suppressed_reason, before.suppressed_reason) as suppressed_reason,
        -- what is withheld is no test among those of its split
        case when coalesce(suppressed.level, before.level) is null then tests.p_value end as p_value
    from compared
    inner join periods on compared.period_key = periods.period_key
    left join tests on {{ same('compared', 'tests', keys) }}
    left join suppressed on {{ same('compared', 'suppressed', keys) }}
    left join suppressed as before
        on
            compared.previous_period_key = before.period_key
            and {{ same('compared', 'before', keys | reject('equalto', 'period_key') | list) }}

),

ranked as (

    select
        *,
        count(p_value) over (partition by {{ family }}) as test_count,
        row_number() over (partition by {{ family }} order by p_value nulls last, group_id) as test_rank
    from judged

),

decided as (

    select
        *,
        -- a test passes with the next weaker one that does
        coalesce(min(p_value * test_count / test_rank) over (
            partition by {{ family }} order by test_rank desc
            rows between unbounded preceding and current row
        ) <= {{ var('false_discovery_rate') }} and p_value is not null, false) as is_detectable,
        case
            when is_in_both then 100.0 * (weight_share - previous_weight_share) * (score + previous_score) / 2
            else 0
        end as mix,
        case
            when is_in_both then 100.0 * (score - previous_score) * (weight_share + previous_weight_share) / 2
            else 0
        end as performance,
        case when previous_weight_share = 0 then 100.0 * weight_share * score else 0 end as entry,
        case when weight_share = 0 then -100.0 * previous_weight_share * previous_score else 0 end as exit
    from ranked

)

select
    level,
    period_grain,
    period_start,
    period_end,
    weighting,
    split,
    nullif(attribution_rule, 'none') as attribution_rule,
    group_id,
    {{ unless_suppressed('mix') }} as mix,
    {{ unless_suppressed('performance') }} as performance,
    {{ unless_suppressed('entry') }} as entry,
    {{ unless_suppressed('exit') }} as exit,
    {{ unless_suppressed('mix + performance + entry + exit') }} as change,
    {{ unless_suppressed('100.0 * previous_score') }} as previous_score,
    {{ unless_suppressed('100.0 * (score - previous_score)') }} as score_change,
    p_value,
    {{ unless_suppressed('is_detectable') }} as is_detectable,
    {{ unless_suppressed(change_verdict('is_detectable', 'score - previous_score')) }} as verdict,
    suppressed_reason
from decided
