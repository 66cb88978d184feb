{%- set account_splits = {
    'total': "'total'",
    'account': 'account_id',
    'segment': 'segment',
    'account_type': 'account_type',
    'region': 'region',
    'role': 'role',
    'role_group': 'role_group',
} -%}
/*
Grain    one row per period, split and group of the frame
Measure  frame_count: distinct contacts who could have answered; annual_value: what their accounts are worth
Nulls    none; a channel is no part of the frame, so that split is absent
*/
with

contacts as (

    select * from {{ ref('int_nps_frame_contacts') }}

),

accounts as (

    select * from {{ ref('int_nps_frame_accounts') }}

),

grouped_contacts as (

    {% for split, group_id in account_splits.items() -%}
    select
        period_key,
        '{{ split }}' as split,
        {{ group_id }} as group_id,
        count(distinct contact_key) as frame_count
    from contacts
    group by
        period_key,
        {{ group_id }}
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

),

grouped_accounts as (

    {% for split, group_id in account_splits.items() if split not in ('role', 'role_group') -%}
    select
        period_key,
        '{{ split }}' as split,
        {{ group_id }} as group_id,
        sum(annual_value) as annual_value
    from accounts
    group by
        period_key,
        {{ group_id }}

    union all

    {% endfor %}
    {%- for split in ('role', 'role_group') -%}
    select
        members.period_key,
        '{{ split }}' as split,
        members.{{ split }} as group_id,
        sum(accounts.annual_value) as annual_value
    from (
        select
            period_key,
            account_id,
            {{ split }}
        from contacts
        group by
            period_key,
            account_id,
            {{ split }}
    ) as members
    inner join accounts
        on
            members.period_key = accounts.period_key
            and members.account_id = accounts.account_id
    group by
        members.period_key,
        members.{{ split }}
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

)

select
    grouped_accounts.period_key,
    grouped_accounts.split,
    grouped_accounts.group_id,
    coalesce(grouped_contacts.frame_count, 0) as frame_count,
    cast(grouped_accounts.annual_value as {{ type_double() }}) as annual_value
from grouped_accounts
left join grouped_contacts
    on
        grouped_accounts.period_key = grouped_contacts.period_key
        and grouped_accounts.split = grouped_contacts.split
        and grouped_accounts.group_id = grouped_contacts.group_id
