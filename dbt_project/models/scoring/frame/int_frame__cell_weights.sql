{{ config(materialized='table') }}
/*
Grain    one row per period, account in the frame and role of it that weighs
Measure  value_weight and account_weight: c under the weightings value and account, the account's voice divided over
         its present roles; they sum to 1
Nulls    none
*/
with

cells as (

    select *
    from {{ ref('int_frame__cells_to_score') }}
    where role_weight > 0

),

accounts as (

    select * from {{ ref('int_frame__account_weights') }}

)

select
    cells.period_key,
    cells.segment,
    cells.account_id,
    cells.role,
    cells.role_weight,
    accounts.value_voice * cells.role_weight / accounts.role_weight as value_weight,
    accounts.account_voice * cells.role_weight / accounts.role_weight as account_weight
from cells
inner join accounts
    on
        cells.period_key = accounts.period_key
        and cells.account_id = accounts.account_id
