{{ config(materialized='table') }}
{%- set splits = account_splits() -%}
{%- set roles = {'role': 'role', 'role_group': 'role_group'} -%}
{%- set everything = dict(splits, **roles) -%}
/*
Grain    one row per period, split and group of the frame
Measure  frame_count: distinct contacts who could have answered; annual_value: what their accounts are worth;
         value_voice and account_voice: the voice under these weightings of the accounts with a role of the group that
         weighs
Nulls    none; a channel is no part of the frame, so that split is absent
*/
with

contacts as (

    select
        period_key,
        {{ group_columns(everything) }},
        -- most people have one role at one account: they need no looking for the same person elsewhere
        count(*) filter (where has_one_place)
        + count(distinct contact_key) filter (where not has_one_place) as frame_count
    from {{ ref('int_frame__contacts') }}
    where period_key in (select periods.period_key from {{ ref('int_periods_to_score') }} as periods)
    {{ group_sets(['period_key'], everything) }}  -- noqa: PRS

),

accounts as (

    select
        accounts.*,
        coalesce(voices.value_voice, 0) as value_voice,
        coalesce(voices.account_voice, 0) as account_voice
    from {{ ref('int_frame__accounts_to_score') }} as accounts
    left join {{ ref('int_frame__account_weights') }} as voices
        on
            accounts.period_key = voices.period_key
            and accounts.account_id = voices.account_id

),

account_groups as (

    select
        period_key,
        {{ group_columns(splits) }},
        cast(sum(annual_value) as {{ type_double() }}) as annual_value,
        {{ stable_sum('value_voice') }} as value_voice,
        {{ stable_sum('account_voice') }} as account_voice
    from accounts
    {{ group_sets(['period_key'], splits) }}  -- noqa: PRS

),

cells as (

    select
        period_key,
        account_id,
        role,
        role_group,
        role_weight
    from {{ ref('int_frame__cells_to_score') }}

),

role_groups as (

    {% for role in roles -%}
    select
        members.period_key,
        '{{ role }}' as split,
        members.{{ role }} as group_id,
        cast(sum(accounts.annual_value) as {{ type_double() }}) as annual_value,
        {{ stable_sum('case when members.role_weight > 0 then accounts.value_voice else 0 end') }} as value_voice,
        {{ stable_sum('case when members.role_weight > 0 then accounts.account_voice else 0 end') }} as account_voice
    from {% if role == 'role' %}cells as members{% else %}(
        select
            period_key,
            account_id,
            role_group,
            max(role_weight) as role_weight
        from cells
        group by
            period_key,
            account_id,
            role_group
    ) as members{% endif %}
    inner join accounts
        on
            members.period_key = accounts.period_key
            and members.account_id = accounts.account_id
    group by
        members.period_key,
        members.{{ role }}
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

),

groups as (

    select * from account_groups

    union all

    select * from role_groups

)

select
    groups.*,
    coalesce(contacts.frame_count, 0) as frame_count
from groups
left join contacts
    on
        groups.period_key = contacts.period_key
        and groups.split = contacts.split
        and groups.group_id = contacts.group_id
