{#- Surrogate key of several text columns: each part carries its length, so no two different lists collide. -#}
{% macro surrogate_key(columns) -%}
    md5(
        {%- for column in columns %}
        coalesce(cast(length({{ column }}) as varchar) || ':' || {{ column }}, '-')
        {%- if not loop.last %} || {% endif %}
        {%- endfor %}
    )
{%- endmacro %}

{#- The version of a record that wins comes first. Versions that differ at one instant have a hash; it is null only for
    those that are alone with theirs, or copies of each other, any one of which is the record. -#}
{% macro version_order() -%} updated_at desc, _record_hash desc {%- endmacro %}

{#- Rank of a landed version among those of its record: 1 is the one that wins. -#}
{% macro version_rank(keys) -%}
    row_number() over (
        partition by {{ keys | join(', ') }}
        order by {{ version_order() }}
    )
{%- endmacro %}

{#- Sum of doubles in fixed point: the same result whatever the order of the rows, on any number of threads. -#}
{% macro stable_sum(expression) -%}
    cast({{ exact_sum(expression) }} as {{ type_double() }})
{%- endmacro %}

{#- The same before it is a double again: sums of the same terms cancel to exactly 0. -#}
{% macro exact_sum(expression) -%}
    coalesce(sum(cast({{ expression }} as {{ type_exact() }})), 0)
{%- endmacro %}

{#-
    The surviving version of each record of a landed table, with the columns of its contract: the latest updated_at, then
    the greatest record hash. Deleted records are left out, unless kept with `is_deleted`.

    keys      what names a record
    defaults  what stands for an empty value, by column
    without   columns that stay in raw: free text
    people    whether it names a contact, who is a key from here on
    happened  when it happened: what did after the clock is not known yet; `is_later` selects that alone
-#}
{% macro latest_version(
    table, keys, defaults={}, without=[], people=false, keeps_deleted=false, happened=none, is_later=false
) -%}
    {%- set landed = landed_columns()[table] -%}
    {%- set columns = [] -%}
    {%- for name in landed if name not in without + ['is_deleted', 'contact_id'] -%}
        {%- set value = 'versions.' ~ name -%}
        {%- do columns.append('coalesce(' ~ value ~ ', ' ~ defaults[name] ~ ') as ' ~ name if name in defaults else value) -%}
    {%- endfor -%}
    {%- if keeps_deleted %}{% do columns.append('coalesce(versions.is_deleted, false) as is_deleted') %}{% endif -%}
    {%- if people %}{% do columns.append('contact_keys.contact_key') %}{% endif -%}
select
    {{ columns | join(',\n    ') }}
from (
    select
        *,
        {{ version_rank(keys) }} as version_rank
    from {{ source('raw', table) }}
) as versions
{%- if people %}
left join {{ source('vault', 'contact_keys') }} as contact_keys on versions.contact_id = contact_keys.contact_id
{%- endif %}
where
    versions.version_rank = 1
    {%- if 'is_deleted' in landed and not keeps_deleted %}
    and not coalesce(versions.is_deleted, false)
    {%- endif %}
    {%- if happened %}
    and coalesce(versions.{{ happened }} {{ '>' if is_later else '<=' }} (select as_of from {{ source('memory', 'clock') }}), {{ not is_later }})
    {%- endif %}
{%- endmacro %}
