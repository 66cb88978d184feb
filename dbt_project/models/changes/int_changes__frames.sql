{%- set until = 'coalesce(valid_to, ' ~ end_of_time() ~ ')' -%}
{%- set was_until = 'coalesce(was_valid_to, ' ~ end_of_time() ~ ')' -%}
/*
Grain    one row per period, reason and number for which the frame or its weights differ from when last published
Measure  accounts, roles and role weights that make another frame; number: `headline` where they move the headline and
         with it all that is part of it, `team_contribution` where they move the parts of teams alone
Nulls    none
*/
with

periods as (

    select * from {{ ref('int_periods__listed') }}

),

frame_accounts as (

    select * from {{ ref('int_frame__accounts') }}

),

account_changes as (

    {{ landed_changes(source('raw', 'crm_accounts'), ['account_id'], [
        'account_type', 'segment', 'region', 'annual_value', 'customer_since', 'status', 'churned_on',
        'merged_into_account_id',
    ]) }}

),

contact_changes as (

    {{ landed_changes(source('raw', 'crm_contacts'), ['contact_id'], ['merged_into_contact_id'], people=true) }}

),

contact_role_changes as (

    {{ landed_changes(source('raw', 'crm_contact_roles'), [
        'contact_id', 'account_id', 'role', 'valid_from',
    ], ['valid_to'], people=true) }}

),

merged as (

    select * from {{ ref('int_accounts__merges') }}

),

account_reasons as (

    select
        account_id,
        case change when 'new' then 'late_record' when 'deleted' then 'deletion' else 'merge' end as reason,
        'headline' as number
    from account_changes
    where change <> 'corrected' or merged_into_account_id is distinct from was_merged_into_account_id

    union all

    select
        account_id,
        'correction' as reason,
        case
            when {{ any_differs(
                ['account_type', 'segment', 'annual_value', 'customer_since', 'status', 'churned_on']
            ) }} then 'headline'
            when {{ any_differs(['region']) }} then 'team_contribution'
        end as number
    from account_changes
    -- what belonged to another account before and after speaks for nobody
    where change = 'corrected' and (merged_into_account_id is null or was_merged_into_account_id is null)

),

account_versions as (

    select
        account_id,
        status,
        customer_since,
        churned_on
    from account_changes
    where change <> 'deleted'

    union all

    select
        account_id,
        was_status as status,
        was_customer_since as customer_since,
        was_churned_on as churned_on
    from account_changes
    where change <> 'new'

),

-- days on which somebody held a role now or then, but not both
role_days as (

    select
        account_id,
        'role_change' as reason,
        case when change = 'corrected' then least({{ until }}, {{ was_until }}) else valid_from end as first_day,
        case
            when change = 'new' then {{ until }}
            when change = 'deleted' then {{ was_until }}
            else greatest({{ until }}, {{ was_until }})
        end as day_after
    from contact_role_changes

    union all

    select
        contact_roles.account_id,
        case contact_changes.change when 'deleted' then 'deletion' when 'corrected' then 'merge' else 'late_record' end
            as reason,
        contact_roles.valid_from as first_day,
        coalesce(contact_roles.valid_to, {{ end_of_time() }}) as day_after
    from contact_changes
    inner join {{ ref('stg_crm__contact_roles') }} as contact_roles
        on contact_changes.contact_key = contact_roles.contact_key

)

select
    periods.period_key,
    account_reasons.reason,
    account_reasons.number
from account_reasons
inner join account_versions on account_reasons.account_id = account_versions.account_id
inner join periods on {{ in_frame('account_versions', 'periods') }}
where account_reasons.number is not null

union

select
    periods.period_key,
    role_days.reason,
    'headline' as number
from role_days
inner join merged on role_days.account_id = merged.landed_account_id
inner join frame_accounts on merged.surviving_account_id = frame_accounts.account_id
inner join periods
    on
        frame_accounts.period_key = periods.period_key
        and role_days.first_day < periods.period_end
        and role_days.day_after > periods.period_start
