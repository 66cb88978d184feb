{#-
    How a table reaches the disk. dbt-duckdb makes it under another name, renames twice, looks for indexes, foreign keys
    and grants that no model has, and asks for the columns before each comment: a dozen statements, which take longer
    than a small table does. Here it is one transaction, in which the old table is dropped and the new one created.
-#}
{% materialization table, adapter='duckdb', supported_languages=['sql'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}{{ replace_table(target_relation, sql) }}{%- endcall -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- The statements that leave a query's rows in the table, whatever had its name before. -#}
{% macro replace_table(relation, sql) -%}
    {%- set existing = load_cached_relation(relation) -%}
    {%- if existing is not none %}
    drop {{ existing.type }} {{ existing }};
    {% endif -%}
    {{ get_create_table_as_sql(False, relation, sql) }}
{%- endmacro %}

{#- The contract of a mart has seen to it that its columns are the described ones. -#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- set of_relation = for_relation and config.persist_relation_docs() -%}
    {%- set of_columns = for_columns and config.persist_column_docs() -%}
    {%- if of_relation or of_columns -%}
    {%- call statement('comments') -%}
    {%- if of_relation %}
    {{ alter_relation_comment(relation, model.description) }}
    {%- endif %}
    {%- for column in model.columns.values() if of_columns %}
    comment on column {{ relation }}.{{ column.name }} is {{ duckdb_escape_comment(column.description) }};
    {%- endfor %}
    {%- endcall -%}
    {%- endif -%}
{%- endmacro %}
