{#-
    What a generic test reads. Where a run repaired a maintained table, a test that looks at each row, or unit, by itself
    reads the units that changed since the last publication: the others passed it then. Everything is read by `dbt test`,
    by `dbt build` from the command line, after a table was built whole, and when the project is another than the one
    that was published ($ANSWERABLE_CODE_VERSION is set by a run), for then the test may be another, too.
-#}
{% macro get_where_subquery(relation) -%}
    {%- if execute and flags.WHICH == 'build' -%}
    {%- for node in graph.nodes.values() if node.name == relation.identifier and node.resource_type == 'model' -%}
    {%- if is_tested_by_unit(node) and passed_when_published(node.name) -%}
    {%- set changed_rows -%}
    (
        select * from {{ relation }}
        where {{ node.config.meta.unit_sql }} in ({{ changed(node.name, node.config.meta.unit) }})
    ) as changed_rows
    {%- endset -%}
    {{ return(changed_rows) }}
    {%- endif -%}
    {%- endfor -%}
    {%- endif -%}
    {{ return(dbt.default__get_where_subquery(relation)) }}
{%- endmacro %}

{#- Whether the test in hand says of a maintained table nothing that takes more than one of its units to tell. -#}
{% macro is_tested_by_unit(node) -%}
    {#- Rows that a test only warns of were published, and are to be warned of again. -#}
    {%- set is_warning = config.get('severity', 'error') | lower == 'warn' -%}
    {%- if node.config.materialized != 'maintained' or config.get('where') or is_warning %}{{ return(false) }}{% endif -%}
    {%- set test = model.test_metadata -%}
    {%- set by_row = [
        'accepted_values', 'columns_add_up', 'hides_suppressed', 'never_decreases', 'spells_have_length', 'within_range',
    ] -%}
    {%- set keys = {'unique_grain': 'columns', 'sums_to': 'group_by', 'sums_to_total': 'keys', 'never_overlaps': 'keys'} -%}
    {%- set unit_columns = node.columns | select('in', modules.re.findall('\\w+', node.config.meta.unit_sql)) | list -%}
    {%- set grouped_by = test.kwargs.get(keys.get(test.name, ''), []) -%}
    {{ return(test.name in by_row or (unit_columns and not unit_columns | reject('in', grouped_by) | list)) }}
{%- endmacro %}

{#- Whether the rows of a table that no note speaks of were published by the same project. -#}
{% macro passed_when_published(name) -%}
    {%- set code_version = env_var('ANSWERABLE_CODE_VERSION', '') -%}
    {%- if not code_version %}{{ return(false) }}{% endif -%}
    {%- set publications = api.Relation.create(database=target.database, schema='raw', identifier='publications') -%}
    {%- set passed = run_query(
        "select (select code_version from " ~ publications ~ " order by version desc limit 1) = '" ~ code_version
        ~ "' and not exists (select 1 from " ~ build_relation('changes') ~ " where model = '" ~ name ~ "' and name = '*')"
    ) -%}
    {{ return(passed[0][0]) }}
{%- endmacro %}
