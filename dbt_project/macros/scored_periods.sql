{#-
    Scores are remembered by what they were made from. int_periods_to_score lists the periods whose fingerprint is not
    the one they were last scored from, and forgets these; only the end of a build in which every model that hangs on
    the list succeeded remembers them. Killed, failed or partial: the memory is missing, and the next build scores
    these periods again.
-#}

{#- Head of a mart whose rows are scored by period: the rows of touched periods, and of periods gone, are replaced. -#}
{% macro scored_by_period() -%}
    {{- config(
        materialized='incremental', incremental_strategy='append', on_schema_change='fail',
        pre_hook='{{ delete_touched_periods() }}'
    ) -}}
    {#- the hook reads it -#}
    {%- if not execute %}{% do ref('int_periods__fingerprints') %}{% endif -%}
{%- endmacro %}

{% macro delete_touched_periods() -%}
    {%- set touched -%}
    select touched.period_key from {{ ref('int_periods_to_score') }} as touched where touched.is_touched
    {%- endset -%}
    {%- if is_incremental() -%}
    {#- Also where this mart alone is built, by hand: until all of them are, nothing is remembered. -#}
    delete from {{ source('memory', 'scored_periods').render() }} where period_key in ({{ touched }});
    delete from {{ this }}
    where
        {{ period_key() }} in ({{ touched }})
        or {{ period_key() }} not in (select listed.period_key from {{ ref('int_periods__fingerprints') }} as listed)
    {%- else -%}
    {#- A table built anew holds what is listed now and no more: all else has to be scored again. -#}
    delete from {{ source('memory', 'scored_periods').render() }}
    {%- endif -%}
{%- endmacro %}

{#- A build is under way, by a run or by hand: until it is known to be whole, the marts are those of none. -#}
{% macro begin_build() %}
    {%- if flags.WHICH in ('build', 'run', 'seed', 'retry') %}
    update memory.last_build set is_finished = false;
    delete from memory.last_run;
    {%- endif %}
{% endmacro %}

{#- In the transaction that makes the list. -#}
{% macro forget_periods() -%}
    delete from {{ source('memory', 'scored_periods').render() }}
    where
        period_key in (select touched.period_key from {{ this }} as touched where touched.is_touched)
        or period_key not in (select listed.period_key from {{ ref('int_periods__fingerprints') }} as listed)
{%- endmacro %}

{#- At the end of a build: remember what it scored, if all that hangs on the list succeeded and nothing failed. -#}
{% macro remember_periods(results) -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'retry') -%}
    {%- set succeeded = [] -%}
    {%- set failed = [] -%}
    {%- for result in results -%}
        {%- do (succeeded if result.status in ('success', 'pass', 'warn', 'no-op') else failed).append(result.node.unique_id) -%}
    {%- endfor -%}
    {%- set list = 'model.' ~ project_name ~ '.int_periods_to_score' -%}
    {%- if not failed and not downstream_of(list) | reject('in', succeeded) | list -%}
    insert into memory.scored_periods (period_key, fingerprint)
    select period_key, fingerprint from {{ graph.nodes[list].relation_name }} where is_touched
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The list itself and every model that is built, not inlined, and reads it in one step or several. -#}
{% macro downstream_of(unique_id) -%}
    {%- set reached = [unique_id] -%}
    {%- set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list -%}
    {#- whatever is reached is looked at in its turn: the list grows while it is read -#}
    {%- for parent in reached -%}
        {%- for node in models if parent in node.depends_on.nodes and node.unique_id not in reached -%}
            {%- do reached.append(node.unique_id) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set inlined = models | selectattr('config.materialized', 'equalto', 'ephemeral') | map(attribute='unique_id') | list -%}
    {{ return(reached | reject('in', inlined) | list) }}
{%- endmacro %}

{#- Whether nothing remembered will do: a full refresh, or a mart that is not there. -#}
{% macro has_to_score_all() -%}
    {%- if not execute %}{{ return(false) }}{% endif -%}
    {%- if should_full_refresh() %}{{ return(true) }}{% endif -%}
    {%- for node in graph.nodes.values() if is_scored(node) and not adapter.get_relation(node.database, node.schema, node.alias) -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}

{% macro is_scored(node) -%}
    {{ return(node.resource_type == 'model' and node.config.materialized == 'incremental'
        and 'model.' ~ project_name ~ '.int_periods_to_score' in node.depends_on.nodes) }}
{%- endmacro %}

{#- A hash of the SQL of every model, and of the vars of the command: scores of other SQL are not those of this one. -#}
{% macro hash_of_scoring() -%}
    {%- set texts = [invocation_args_dict.get('vars', {}) | string] -%}
    {%- set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') if execute else [] -%}
    {%- for node in models | sort(attribute='unique_id') -%}
        {%- do texts.append(node.unique_id ~ node.checksum.checksum) -%}
    {%- endfor -%}
    {{- local_md5(texts | join(' ')) -}}
{%- endmacro %}

{#- One row: a fingerprint of the programme. -#}
{% macro programme_content() -%}
    select md5({{ string_agg_sorted('part', ' ', 'part') }}) as content
    from (
        {%- for name in programme_files() %}
        select '{{ name }} ' || coalesce(cast({{ sum_of_hashes(hash_of_row(name)) }} as varchar), '') as part
        from {{ ref(name) }} as {{ name }}
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as parts
{%- endmacro %}

{% macro programme_files() -%}
    {{ return([
        'teams', 'roles', 'role_weights', 'journeys', 'touchpoints', 'touchpoint_owners', 'role_relevance', 'measures',
        'currency_rates',
    ]) }}
{%- endmacro %}
