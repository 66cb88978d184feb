/*
Grain    one row per period, weighting and account in the frame with a role that weighs
Measure  account_weight: v, the account's share of the voice; the shares of a period sum to 1
Nulls    none; accounts without a present role of positive weight are absent and listed in data_quality_issues
*/
with

cells as (

    select
        period_key,
        account_id,
        {{ stable_sum('role_weight') }} as role_weight
    from {{ ref('int_nps_frame_cells') }}
    where role_weight > 0
    group by
        period_key,
        account_id

),

accounts as (

    select * from {{ ref('int_nps_frame_accounts') }}

),

amounts as (

    select
        accounts.period_key,
        accounts.account_id,
        cells.role_weight,
        cast(accounts.annual_value as {{ type_double() }}) as annual_value,
        sum(accounts.annual_value) over (partition by accounts.period_key) as total_value,
        count(*) over (partition by accounts.period_key) as account_count
    from accounts
    inner join cells
        on
            accounts.period_key = cells.period_key
            and accounts.account_id = cells.account_id

),

weightings as (

    select 'account' as weighting

    union all

    select 'none' as weighting

),

shares as (

    select
        period_key,
        'value' as weighting,
        account_id,
        role_weight,
        -- where no account has a value, all speak alike
        case
            when total_value > 0 then annual_value / cast(total_value as {{ type_double() }})
            else 1.0 / cast(account_count as {{ type_double() }})
        end as account_weight
    from amounts

    union all

    select
        amounts.period_key,
        weightings.weighting,
        amounts.account_id,
        amounts.role_weight,
        1.0 / cast(amounts.account_count as {{ type_double() }}) as account_weight
    from amounts
    cross join weightings

)

{% if var('max_account_share') is none -%}
select * from shares
{%- else -%}
{{ capped_shares('shares', var('max_account_share')) }}
{%- endif %}
