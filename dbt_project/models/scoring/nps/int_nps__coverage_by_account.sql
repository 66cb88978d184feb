{%- set parts = {'account': ['account_id'], 'role_group': ['account_id', 'role_group']} %}
/*
Grain    one row per survey level, period, account and part of it that answered: all roles, a role, a role group
Measure  role_coverage: weight of the answering among the present roles of that part; value_weight, account_weight and
         none_weight: above 0 where an answer of the part weighs under that weighting
Nulls    role_coverage is null where no present role of the part weighs
*/
with

cells as (

    select * from {{ ref('int_frame__cells_to_score') }}

),

units as (

    select
        level,
        period_key,
        account_id,
        role,
        max(value_weight) as value_weight,
        max(account_weight) as account_weight,
        max(none_weight) as none_weight
    from {{ ref('int_nps__weights_by_unit') }}
    group by
        level,
        period_key,
        account_id,
        role

),

answers as (

    select
        units.*,
        cells.role_group,
        cells.role_weight
    from units
    -- whoever answered without a role of the frame covers none of it, yet may weigh without weighting
    left join cells
        on
            units.period_key = cells.period_key
            and units.account_id = cells.account_id
            and units.role = cells.role

),

{% for part, columns in parts.items() -%}
present_{{ part }}s as (

    select
        period_key,
        {{ columns | join(',\n        ') }},
        {{ stable_sum('role_weight') }} as role_weight
    from cells
    group by
        period_key,
        {{ columns | join(',\n        ') }}

),

answering_{{ part }}s as (

    select
        level,
        period_key,
        {{ columns | join(',\n        ') }},
        {{ stable_sum('role_weight') }} as role_weight,
        max(value_weight) as value_weight,
        max(account_weight) as account_weight,
        max(none_weight) as none_weight
    from answers
    group by
        level,
        period_key,
        {{ columns | join(',\n        ') }}

){{ ',' if not loop.last }}

{% endfor -%}
{% for part, columns in parts.items() -%}
select
    answering.level,
    answering.period_key,
    answering.account_id,
    '{{ part }}' as part,
    answering.{{ columns | last }} as part_id,
    answering.role_weight / nullif(present.role_weight, 0) as role_coverage,
    answering.value_weight,
    answering.account_weight,
    answering.none_weight
from answering_{{ part }}s as answering
{{ 'left' if part == 'account' else 'inner' }} join present_{{ part }}s as present
    on
        answering.period_key = present.period_key
        {%- for column in columns %}
        and answering.{{ column }} = present.{{ column }}
        {%- endfor %}

union all

{% endfor -%}
select
    level,
    period_key,
    account_id,
    'role' as part,
    role as part_id,
    case when role_weight > 0 then 1.0 end as role_coverage,
    value_weight,
    account_weight,
    none_weight
from answers
where role_group is not null
