{#-
    Over the rows of each group the column adds up to `total`: weights of a period to 1. With `or_nothing` a group
    may also add up to 0, as where no response weighs.

    Groups are summed by hash, in a fraction of the memory that their names take; those whose sum is another one are
    summed by name. Only two wrong groups that share a hash and together add up to `total` would pass.
-#}
{% test sums_to(model, column, group_by, total, or_nothing=false) %}

{%- set is_other -%}
(sum({{ column }}) is null or abs(sum({{ column }}) - {{ total }}) > {{ var('tolerance') }})
    {%- if or_nothing %}
    and coalesce(abs(sum({{ column }})), 0) > {{ var('tolerance') }}
    {%- endif %}
{%- endset %}
with

suspect_hashes as (

    select {{ row_hash(group_by) }} as suspect_hash
    from {{ model }}
    group by {{ row_hash(group_by) }}
    having
        {{ is_other }}

)

select
    {{ group_by | join(',\n    ') }},
    sum({{ column }}) as actual,
    cast(sum({{ column }}) as varchar) || ' instead of {{ total }}: ' || {{ named_values(group_by) }} as issue
from {{ model }}
inner join suspect_hashes on {{ row_hash(group_by) }} = suspect_hash
group by
    {{ group_by | join(',\n    ') }}
having
    {{ is_other }}

{% endtest %}
