{{ config(
    materialized='incremental',
    unique_key='issue_id',
    incremental_strategy=incremental_strategy(),
    on_schema_change='append_new_columns',
    full_refresh=false
) }}
/*
Grain    one row per issue ever seen: source, entity, key and rule
Measure  what does not fit together although every record was kept, since when, and whether it still stands
Nulls    resolved_at while the issue is open
*/
with

found as (

    select * from {{ ref('int_quality__issues') }}

),

clock as (

    select as_of from {{ source('memory', 'clock') }}

){% if is_incremental() %},

seen as (

    select * from {{ this }}

)

select
    coalesce(found.issue_id, seen.issue_id) as issue_id,
    coalesce(found.source, seen.source) as source,
    coalesce(found.entity, seen.entity) as entity,
    coalesce(found.key, seen.key) as key,
    coalesce(found.rule, seen.rule) as rule,
    coalesce(found.severity, seen.severity) as severity,
    coalesce(seen.first_seen_at, clock.as_of) as first_seen_at,
    case when found.issue_id is null then coalesce(seen.resolved_at, clock.as_of) end as resolved_at
from found
full outer join seen on found.issue_id = seen.issue_id
cross join clock
{%- else %}

select
    found.issue_id,
    found.source,
    found.entity,
    found.key,
    found.rule,
    found.severity,
    clock.as_of as first_seen_at,
    cast(null as {{ type_instant() }}) as resolved_at
from found
cross join clock
{%- endif %}
