{{ config(materialized='table') }}
/*
Grain    one row per landed account
Measure  surviving_account_id: where its records belong after all merges, chains included
Nulls    none: `unknown` where the survivor is deleted, or the merges run in a cycle
*/
with recursive

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

{{ merges('accounts', 'account_id', 'merged_into_account_id', 'account_id') }}
