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
    people    whether it names contacts, who are keys from here on
    merge     the column that says which record this one was merged into: deleted records are kept, with their merge
    happened  when it happened: what did after the clock is not known yet; `is_later` selects that alone
-#}
{% macro latest_version(
    table, keys, defaults={}, without=[], people=false, merge=none, happened=none, is_later=false
) -%}
    {%- set landed = landed_columns()[table] -%}
    {%- set contacts = landed | select('in', ['contact_id', 'merged_into_contact_id']) | list if people else [] -%}
    {%- set values = {merge: 'coalesce(versions.' ~ merge ~ ', versions.merge_before)'} -%}
    {%- for name, default in defaults.items() %}{% do values.update({name: 'coalesce(versions.' ~ name ~ ', ' ~ default ~ ')'}) %}{% endfor -%}
    {%- if merge %}{% do values.update({'is_deleted': 'coalesce(versions.is_deleted, false)'}) %}{% endif -%}
    {%- set columns = [] -%}
    {%- for name in landed if name not in without + contacts and (merge or name != 'is_deleted') -%}
        {%- do columns.append(values[name] ~ ' as ' ~ name if name in values else 'versions.' ~ name) -%}
    {%- endfor -%}
    {%- for name in contacts %}{% do columns.append('keys_of_' ~ name ~ '.contact_key as ' ~ name | replace('_id', '_key')) %}{% endfor -%}
select
    {{ columns | join(',\n    ') }}
from (
    select
        *,
        {%- if merge %}
        {{ merge_before(keys, merge) }} as merge_before,
        {%- endif %}
        {{ version_rank(keys) }} as version_rank
    from {{ source('raw', table) }}
) as versions
{%- for name in contacts %}
left join {{ source('vault', 'contact_keys') }} as keys_of_{{ name }}
    on {{ values.get(name, 'versions.' ~ name) }} = keys_of_{{ name }}.contact_id
{%- endfor %}
where
    versions.version_rank = 1
    {%- if 'is_deleted' in landed and not merge %}
    and not coalesce(versions.is_deleted, false)
    {%- endif %}
    {%- if happened %}
    and coalesce(versions.{{ happened }} {{ '>' if is_later else '<=' }} (select as_of from {{ source('memory', 'clock') }}), {{ not is_later }})
    {%- endif %}
{%- endmacro %}

{#-
    What a record was merged into as its latest version says that is more than a bare tombstone: a row that says no more
    than that its record is gone takes back no merge. Null unless the version is deleted.
-#}
{% macro merge_before(keys, merge) -%}
    case
            when is_deleted
                then first_value({{ merge }}) over (
                    partition by {{ keys | join(', ') }}
                    order by
                        case when is_deleted and {{ merge }} is null then 1 else 0 end,
                        updated_at desc,
                        _record_hash desc
                )
        end
{%- endmacro %}
