{{ config(materialized='table') }}
/*
Grain    one row per landed contact
Measure  surviving_contact_key: whose records its own are after all merges, chains included
Nulls    none: `unknown` where the survivor is deleted, or the merges run in a cycle
*/
with recursive

contacts as (

    select * from {{ ref('stg_crm__contacts') }}

),

{{ merges('contacts', 'contact_key', 'merged_into_contact_key', 'contact_key') }}
