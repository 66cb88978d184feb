{#-
    The programme's rows come from the folder $ANSWERABLE_SEEDS where that is set, else from the shipped seeds. The
    seed files in the project give the columns either way. (A seed path outside the project would do the same in
    fewer words, but dbt writes its run artefacts over files named by an absolute path.)
-#}
{% macro duckdb__load_csv_rows(model, agate_table) -%}
    {%- set folder = env_var('ANSWERABLE_SEEDS', '') -%}
    {%- set file = folder ~ '/' ~ model.name ~ '.csv' if folder else adapter.get_seed_file_path(model) -%}
    {%- set sql -%}
        copy {{ this.render() }} from '{{ file | replace("'", "''") }}' (format csv, header true, delimiter ',', quote '"', escape '"')
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}
