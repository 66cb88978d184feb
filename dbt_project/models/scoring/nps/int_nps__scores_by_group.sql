{{ config(materialized='table') }}
/*
Grain    one row per survey level, period, weighting, split and group with a counted response
Measure  weighted shares of promoters and detractors, effective n and the counts that decide what may be shown
Nulls    shares and effective_n are null for a group whose responses weigh nothing
*/
with

sums as (

    select * from {{ ref('int_nps__sums_by_group') }}

),

totals as (

    select
        level,
        period_key,
        share_promoter_weight + share_passive_weight + share_detractor_weight as share_weight
    from sums
    where split = 'total'

),

weighed as (

    {% for weighting in ('value', 'account', 'none') -%}
    {%- set score = 'share' if weighting == 'none' else weighting -%}
    select
        sums.level,
        sums.period_key,
        '{{ weighting }}' as weighting,
        sums.split,
        sums.group_id,
        sums.response_count,
        sums.account_count,
        sums.cell_response_count,
        {% if weighting == 'none' -%}
        (sums.share_promoter_weight + sums.share_passive_weight + sums.share_detractor_weight)
        / nullif(totals.share_weight, 0) as headline_weight,
        (sums.share_promoter_weight - sums.share_detractor_weight)
        / nullif(totals.share_weight, 0) as headline_net_weight,
        {%- else -%}
        sums.{{ weighting }}_weight as headline_weight,
        sums.{{ weighting }}_net_weight as headline_net_weight,
        {%- endif %}
        sums.{{ score }}_promoter_weight + sums.{{ score }}_passive_weight
        + sums.{{ score }}_detractor_weight as weight,
        sums.{{ score }}_promoter_weight as promoter_weight,
        sums.{{ score }}_passive_weight as passive_weight,
        sums.{{ score }}_detractor_weight as detractor_weight,
        sums.{{ score }}_squared_weight as squared_weight,
        sums.{{ score }}_max_weight as max_weight,
        sums.{{ weighting }}_weighing_count as weighing_count,
        sums.{{ weighting }}_weighing_account_count as weighing_account_count,
        sums.cell_promoter_share_sum,
        sums.cell_detractor_share_sum,
        sums.cell_share_sum
    from sums
    inner join totals
        on
            sums.level = totals.level
            and sums.period_key = totals.period_key
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

)

select
    level,
    period_key,
    weighting,
    split,
    group_id,
    response_count,
    account_count,
    -- of a contact one response counts
    response_count as contact_count,
    cell_response_count,
    weighing_count,
    weighing_account_count,
    coalesce(headline_weight, 0) as weight_share,
    100.0 * coalesce(headline_net_weight, 0) as contribution,
    promoter_weight / nullif(weight, 0) as promoter_share,
    passive_weight / nullif(weight, 0) as passive_share,
    detractor_weight / nullif(weight, 0) as detractor_share,
    weight * weight / nullif(squared_weight, 0) as effective_n,
    max_weight / nullif(weight, 0) as max_weight_share,
    cell_promoter_share_sum / nullif(cell_share_sum, 0) as base_promoter_share,
    cell_detractor_share_sum / nullif(cell_share_sum, 0) as base_detractor_share
from weighed
