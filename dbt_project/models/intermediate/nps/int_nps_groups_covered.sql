{%- set splits = {
    'total': ('account', "'total'"),
    'account': ('account', 'account_id'),
    'segment': ('account', 'segment'),
    'account_type': ('account', 'account_type'),
    'region': ('account', 'region'),
    'role': ('role', 'part_id'),
    'role_group': ('role_group', 'part_id'),
} -%}
/*
Grain    one row per survey level, period, weighting, split and group of the frame
Measure  role_coverage: the mean over the accounts of the group, weighted by their voice;
         answered_value: annual value of accounts with a response that weighs in the group
Nulls    role_coverage is null where no present role of the group weighs
*/
with

coverages as (

    select * from {{ ref('int_nps_accounts_covered') }}

),

frame_accounts as (

    select * from {{ ref('int_nps_frame_accounts') }}

),

account_weights as (

    select * from {{ ref('int_nps_account_weights') }}

),

weighed_units as (

    select * from {{ ref('int_nps_units_weighed') }}

),

weightings as (

    select weighting
    from account_weights
    group by weighting

),

weighed_parts as (

    {% for part, part_id in {'account': "'all'", 'role': 'role', 'role_group': 'role_group'}.items() -%}
    select
        level,
        period_key,
        weighting,
        '{{ part }}' as part,
        {{ part_id }} as part_id,
        account_id
    from weighed_units
    where weight > 0
    group by
        level,
        period_key,
        weighting,
        {{ part_id }},
        account_id
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

),

members as (

    select
        coverages.*,
        weightings.weighting,
        frame_accounts.segment,
        frame_accounts.account_type,
        frame_accounts.region,
        coalesce(account_weights.account_weight, 0) as account_weight,
        case when weighed_parts.account_id is not null then frame_accounts.annual_value else 0 end as answered_value
    from coverages
    cross join weightings
    inner join frame_accounts
        on
            coverages.period_key = frame_accounts.period_key
            and coverages.account_id = frame_accounts.account_id
    left join account_weights
        on
            coverages.period_key = account_weights.period_key
            and weightings.weighting = account_weights.weighting
            and coverages.account_id = account_weights.account_id
    left join weighed_parts
        on
            coverages.level = weighed_parts.level
            and coverages.period_key = weighed_parts.period_key
            and weightings.weighting = weighed_parts.weighting
            and coverages.part = weighed_parts.part
            and coverages.part_id = weighed_parts.part_id
            and coverages.account_id = weighed_parts.account_id

),

sums as (

    {% for split, (part, group_id) in splits.items() -%}
    select
        level,
        period_key,
        weighting,
        '{{ split }}' as split,
        {{ group_id }} as group_id,
        {{ stable_sum('account_weight * role_coverage') }} as covered_weight,
        {{ stable_sum('case when role_coverage is not null then account_weight end') }} as present_weight,
        max(role_coverage) as own_coverage,
        cast(sum(answered_value) as {{ type_double() }}) as answered_value
    from members
    where part = '{{ part }}'
    group by
        level,
        period_key,
        weighting,
        {{ group_id }}
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
    -- one account covers its own roles, whatever its voice
    case when split = 'account' then own_coverage else covered_weight / nullif(present_weight, 0) end as role_coverage,
    answered_value
from sums
