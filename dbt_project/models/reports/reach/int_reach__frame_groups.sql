{%- set splits = columns_of(account_attributes() + ['role']) -%}
/*
Grain    one row per period, split (total, segment, account_type, region, role) and group of the frame
Measure  has_contacts: somebody could have answered; has_value: an account of the group is worth something
Nulls    none
*/
with

accounts as (

    select
        accounts.period_key,
        accounts.{{ account_attributes() | join(',\n        accounts.') }},
        coalesce(cells.role, 'unassigned') as role,
        case when cells.role is null then 0 else 1 end as contacts,
        accounts.annual_value
    from {{ ref('int_frame__accounts') }} as accounts
    left join {{ ref('int_frame__cells') }} as cells
        on
            accounts.period_key = cells.period_key
            and accounts.account_id = cells.account_id

),

groups as (

    select
        period_key,
        {{ group_columns(splits) }},
        max(contacts) > 0 as has_contacts,
        max(annual_value) > 0 as has_value
    from accounts
    {{ group_sets(['period_key'], splits) }}  -- noqa: PRS

)

select *
from groups
where group_id <> 'unassigned'
