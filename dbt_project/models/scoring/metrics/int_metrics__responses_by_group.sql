{%- set splits = ['account', 'channel', 'role', 'role_group'] -%}
/*
Grain    one row per period, response and group it belongs to in the splits account, channel, role and role_group; in
         groups of accounts and in total it is and weighs as in its account
Measure  weight: the part of the response that speaks for the group, as without weighting: 1/k in each of its k roles
         and 1 elsewhere, `unassigned` where the account is not in the frame of the period or the contact held no role;
         and nothing where the account is known to be no client
Nulls    none
*/
with

responses as (

    select *
    from {{ ref('int_responses__resolved') }}
    where level is not null

),

frame_accounts as (

    select * from {{ ref('int_frame__accounts_to_score') }}

),

response_roles as (

    select * from {{ ref('int_responses__roles') }}

),

periods as (

    select * from {{ ref('int_periods_to_score') }}

),

spoken as (

    select
        responses.response_id,
        responses.account_id as account,
        responses.channel,
        coalesce(response_roles.role, 'unassigned') as role,
        coalesce(response_roles.role_group, 'unassigned') as role_group,
        case when groups.is_client then 1.0 when groups.is_client is null then 1.0 else 0.0 end
        * coalesce(response_roles.role_share, 1.0) as role_share
    from responses
    left join {{ ref('int_accounts__groups') }} as groups on responses.account_id = groups.account_id
    left join response_roles on responses.response_id = response_roles.response_id

),

-- as it speaks where its account is in the frame, and where it is not: for no role
voices as (

    {% for split in splits -%}
    select
        response_id,
        true as is_framed,
        '{{ split }}' as split,
        {{ split }} as group_id,
        {{ stable_sum('role_share') }} as weight
    from spoken
    group by
        response_id,
        {{ split }}

    union all

    select
        response_id,
        false as is_framed,
        '{{ split }}' as split,
        {{ split if split in ('account', 'channel') else "'unassigned'" }} as group_id,
        {{ stable_sum('role_share') }} as weight
    from spoken
    group by
        response_id{% if split in ('account', 'channel') %},
        {{ split }}{% endif %}
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

),

placed as (

    select
        periods.period_key,
        responses.response_id,
        frame_accounts.account_id is not null as is_framed
    from responses
    inner join periods
        on
            responses.submitted_on >= periods.period_start
            and responses.submitted_on < periods.period_end
    left join frame_accounts
        on
            periods.period_key = frame_accounts.period_key
            and responses.account_id = frame_accounts.account_id

)

select
    placed.period_key,
    placed.response_id,
    voices.split,
    voices.group_id,
    voices.weight
from placed
inner join voices
    on
        placed.response_id = voices.response_id
        and placed.is_framed = voices.is_framed
