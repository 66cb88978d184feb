{%- set splits = account_splits() -%}
{%- do splits.update({'channel': 'channel', 'role': 'role', 'role_group': 'role_group', 'total': "'total'"}) -%}
/*
Grain    one row per period, response and group it belongs to in every split
Measure  weight: the part of the response that speaks for the group: 1/k in each of its k roles and 1 elsewhere, and
         nothing where the account is not in the frame of the period or the contact held no role
Nulls    none
*/
with

responses as (

    select *
    from {{ ref('int_survey_responses_resolved') }}
    where level is not null

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

),

frame_accounts as (

    select * from {{ ref('int_nps_frame_accounts') }}

),

response_roles as (

    select
        by_role.response_id,
        by_role.role,
        by_role.role_share,
        coalesce(roles.role_group, 'unassigned') as role_group
    from {{ ref('int_survey_responses_by_role') }} as by_role
    left join {{ ref('int_roles_listed') }} as roles on by_role.role = roles.role

),

periods as (

    select * from {{ ref('int_periods_listed') }}

),

placed as (

    select
        periods.period_key,
        responses.response_id,
        responses.account_id,
        responses.channel,
        coalesce(accounts.segment, 'unknown') as segment,
        coalesce(accounts.account_type, 'unknown') as account_type,
        coalesce(accounts.region, 'unknown') as region,
        case when frame_accounts.account_id is not null then responses.response_id end as framed_response_id
    from responses
    inner join periods
        on
            responses.submitted_on >= periods.period_start
            and responses.submitted_on < periods.period_end
    left join accounts on responses.account_id = accounts.account_id
    left join frame_accounts
        on
            periods.period_key = frame_accounts.period_key
            and responses.account_id = frame_accounts.account_id

),

spoken as (

    select
        placed.*,
        coalesce(response_roles.role, 'unassigned') as role,
        coalesce(response_roles.role_group, 'unassigned') as role_group,
        coalesce(response_roles.role_share, 0.0) as role_share
    from placed
    left join response_roles on placed.framed_response_id = response_roles.response_id

)

{% for split, column in splits.items() -%}
select
    period_key,
    response_id,
    '{{ split }}' as split,
    {{ column }} as group_id,
    {{ stable_sum('role_share') }} as weight
from spoken
group by
    period_key,
    response_id{% if split != 'total' %},
    {{ column }}{% endif %}
{% if not loop.last %}
union all

{% endif %}
{%- endfor %}
