{#-
    Where each landed record of a kind belongs after all merges, chains included: one row per landed record, with the
    surviving one, `unknown` where that is deleted or the merges run in a cycle. A merge into nobody is not followed.

    records  a CTE with one row per landed record: id, merged_into and is_deleted
    kind     what the records are: names the columns
-#}
{% macro merges(records, id, merged_into, kind) -%}
-- `union` drops what was reached before, so that merges in a cycle come to an end
chains as (

    select
        {{ id }} as landed_id,
        {{ id }} as id,
        {{ merged_into }} as merged_into,
        is_deleted
    from {{ records }}

    union

    select
        chains.landed_id,
        reached.{{ id }} as id,
        reached.{{ merged_into }} as merged_into,
        reached.is_deleted
    from chains
    inner join {{ records }} as reached on chains.merged_into = reached.{{ id }}

),

-- a merge into a record that nobody landed is not followed
survivors as (

    select
        chains.landed_id,
        chains.id
    from chains
    left join {{ records }} as targets on chains.merged_into = targets.{{ id }}
    where targets.{{ id }} is null and not chains.is_deleted

),

cycles as (

    select landed_id
    from chains
    where merged_into = landed_id
    group by landed_id

)

select
    landed.{{ id }} as landed_{{ kind }},
    coalesce(survivors.id, 'unknown') as surviving_{{ kind }},
    landed.{{ merged_into }},
    cycles.landed_id is not null as is_in_cycle
from {{ records }} as landed
left join survivors on landed.{{ id }} = survivors.landed_id
left join cycles on landed.{{ id }} = cycles.landed_id
{%- endmacro %}
