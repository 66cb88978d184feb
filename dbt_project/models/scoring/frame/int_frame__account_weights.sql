/*
Grain    one row per period and account in the frame with a role that weighs
Measure  value_voice and account_voice: v under the weightings value and account, the account's share of the voice;
         the shares of a period sum to 1. Under none v is that of account
Nulls    none; accounts without a present role of positive weight are absent and listed in data_quality_issues
*/
with

cells as (

    select
        period_key,
        account_id,
        {{ stable_sum('role_weight') }} as role_weight
    from {{ ref('int_frame__cells_to_score') }}
    where role_weight > 0
    group by
        period_key,
        account_id

),

accounts as (

    select * from {{ ref('int_frame__accounts_to_score') }}

),

totals as (

    select
        cells.period_key,
        cast(sum(accounts.annual_value) as {{ type_double() }}) as annual_value,
        cast(count(*) as {{ type_double() }}) as account_count
    from cells
    inner join accounts
        on
            cells.period_key = accounts.period_key
            and cells.account_id = accounts.account_id
    group by cells.period_key

),

shares as (

    select
        cells.period_key,
        cells.account_id,
        cells.role_weight,
        totals.account_count,
        -- where no account has a value, all speak alike
        case
            when totals.annual_value > 0
                then cast(accounts.annual_value as {{ type_double() }}) / totals.annual_value
            else 1.0 / totals.account_count
        end as value_voice,
        1.0 / totals.account_count as account_voice
    from cells
    inner join totals on cells.period_key = totals.period_key
    inner join accounts
        on
            cells.period_key = accounts.period_key
            and cells.account_id = accounts.account_id

){% if var('max_account_share') is not none %},

capped as (

    {{ capped_shares('shares', 'value_voice', var('max_account_share')) }}

){% endif %}

select
    shares.period_key,
    shares.account_id,
    shares.role_weight,
    {{ 'shares' if var('max_account_share') is none else 'capped' }}.value_voice,
    shares.account_voice
from shares
{%- if var('max_account_share') is not none %}
inner join capped
    on
        shares.period_key = capped.period_key
        and shares.account_id = capped.account_id
{%- endif %}
