{#-
    Tables that are kept up to date by what changed. `materialized='maintained'` builds a table whole the first time,
    and after that replaces only the rows of its outdated units. Two rules make the result that of a whole build:

    1.  A table that changed says so. In the transaction that replaces rows, their units, and the values of further
        columns it `notes`, are written to build.changes, for the rows that were there before and for those that are
        there now. Rows that come out as they were say nothing, so what does not matter further down ends there.
    2.  A note stays until the marts it led to have been published. A build that was killed, failed or left a model
        out leaves its notes behind, and the next one does that work again: it has no other memory to lose.

    A table is built whole, and notes `*`, when it is new, when asked to (--full-refresh), when its own SQL changed
    or what is said of it (macros, vars and all: the compiled text is compared), or when a table it reads noted `*`.
-#}

{#-
    Head of a maintained model.

    unit      what is recomputed together: a column of the table; all rows of a unit follow from its inputs' rows of
              that unit, or from inputs whose changes the outdated units follow
    outdated  the model that lists the outdated units, in a column of the unit's name; or
    landed    the raw table whose keys landed since the last publication are the outdated units; or neither: the table
              is computed anew and compared with what is there
    unit_sql  the unit as an expression over the table's columns, where it is no column of its own
    notes     columns besides the unit to note the changed values of; '*' for a table on which everything hangs that
              reads it
    days      a column of instants or days: notes carry the first and the last one of the changed rows
-#}
{% macro maintained(unit, outdated=none, landed=none, unit_sql=none, notes=[], days=none) -%}
    {{- config(materialized='maintained', meta={
        'unit': unit, 'unit_sql': unit_sql or unit, 'outdated': outdated, 'landed': landed, 'notes': notes, 'days': days
    }) -}}
    {%- if outdated and not execute %}{% do ref(outdated) %}{% endif -%}
{%- endmacro %}

{#-
    Whether a row of an input belongs to an outdated unit; true for all where the model is built whole. `also` is a
    query of more units, for what only the table itself can tell (`this`, as it was).
-#}
{% macro only_outdated(column, also=none) -%}
    {%- if execute and model.resource_type == 'model' and flags.WHICH in ('build', 'run', 'retry') -%}
    /* outdated units: */ {{ column }} in ({{ outdated_units() }}{{ ' union ' ~ also if also }}) /* :outdated units */
    {%- else -%}
    1 = 1
    {%- endif -%}
{%- endmacro %}

{#- The query of a model's outdated units. -#}
{% macro outdated_units() -%}
    {%- set meta = model.config.meta -%}
    {%- if meta.outdated -%}
    select {{ meta.unit }} from {{ ref(meta.outdated) }}
    {%- elif meta.landed -%}
    select {{ meta.unit }} from {{ source('raw', meta.landed) }} where _load_id in ({{ unpublished_loads() }})
    union
    select value from {{ build_relation('changes') }} where model = '{{ model.name }}' and name = '{{ meta.unit }}'
    {%- else -%}
        {%- do exceptions.raise_compiler_error(model.name ~ ' has neither outdated units nor a landed table') -%}
    {%- endif -%}
{%- endmacro %}

{#- The query of the values that a maintained model noted in a column since the last publication. -#}
{% macro changed(model_name, column) -%}
    {%- if not execute %}{% do ref(model_name) %}{% endif -%}
    select value as {{ column }} from {{ build_relation('changes') }} where model = '{{ model_name }}' and name = '{{ column }}'
{%- endmacro %}

{#- The same with the first and the last day on which the changed rows lie. -#}
{% macro changed_days(model_name, column) -%}
    {%- if not execute %}{% do ref(model_name) %}{% endif -%}
    select
        value as {{ column }},
        first_day,
        last_day
    from {{ build_relation('changes') }}
    where model = '{{ model_name }}' and name = '{{ column }}'
{%- endmacro %}

{% macro unpublished_loads() -%}
    select load_id from {{ api.Relation.create(database=target.database, schema='raw', identifier='load_ledger') }}
    except
    select load_id from {{ build_relation('loads') }} where is_published
{%- endmacro %}

{% macro build_relation(name) -%}
    {{ return(api.Relation.create(database=target.database, schema='build', identifier=name)) }}
{%- endmacro %}

{#- What a build remembers. Runs at the start of every dbt command that builds. -#}
{% macro create_build_memory() %}
    create schema if not exists {{ build_relation("changes").without_identifier().include(database=false) }};
    create table if not exists {{ build_relation('changes') }} (
        model varchar, name varchar, value varchar, first_day date, last_day date, is_built boolean
    );
    create table if not exists {{ build_relation('definitions') }} (
        model varchar, definition varchar, unit varchar, unit_sql varchar
    );
    create table if not exists {{ build_relation('loads') }} (load_id varchar, is_published boolean);
{% endmacro %}

{% macro without_outdated_filter(sql) -%}
    {{ return(modules.re.sub('(?s)/\\* outdated units: \\*/.*?/\\* :outdated units \\*/', '1 = 1', sql)) }}
{%- endmacro %}

{#- Why a maintained model is built whole; none where its outdated units will do. -#}
{% macro reason_to_build_whole(existing, definition) %}
    {%- if existing is none or existing.type != 'table' %}{{ return('it is new') }}{% endif -%}
    {%- if should_full_refresh() %}{{ return('full refresh') }}{% endif -%}
    {%- set meta = model.config.meta -%}
    {%- set parents = [] if not meta.outdated and not meta.landed else model.depends_on.nodes | list -%}
    {%- if meta.outdated -%}
        {%- for node in graph.nodes.values() if node.name == meta.outdated -%}
            {%- do parents.extend(node.depends_on.nodes) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set known = run_query(
        "select (select count(*) from " ~ build_relation('definitions') ~ " where model = '" ~ model.name
        ~ "' and definition = '" ~ definition ~ "'), (select min(model) from " ~ build_relation('changes')
        ~ " where name = '*' and model in ('"
        ~ (parents | map('replace', 'model.' ~ project_name ~ '.', '') | join("', '")) ~ "'))"
    ) -%}
    {%- if known[0][0] == 0 %}{{ return('its SQL changed') }}{% endif -%}
    {%- if known[0][1] %}{{ return(known[0][1] ~ ' changed as a whole') }}{% endif -%}
    {%- if not parents %}{{ return(none) }}{% endif -%}
    {%- set much = run_query(
        "select greatest((select count(*) from (" ~ outdated_units() ~ ") as listed), (select count(*) from "
        ~ existing ~ " where " ~ meta.unit_sql ~ " in (" ~ outdated_units() ~ "))) > "
        ~ var('rebuild_share') ~ " * (select count(*) from " ~ existing ~ ")"
    ) -%}
    {%- if much[0][0] %}{{ return('much of it is outdated') }}{% endif -%}
    {{ return(none) }}
{% endmacro %}

{% materialization maintained, default, supported_languages=['sql'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set whole_sql = without_outdated_filter(sql) -%}
    {%- set definition = local_md5(whole_sql ~ model.description ~ model.columns) -%}
    {%- set reason = reason_to_build_whole(existing, definition) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if reason -%}
        {%- call statement('main') -%}{{ replace_table(target_relation, whole_sql) }}{%- endcall -%}
        {%- call statement('remember') -%}{{ remember_whole_build(definition) }}{%- endcall -%}
        {%- do persist_docs(target_relation, model) -%}
    {%- else -%}
        {%- call statement('main') -%}{{ replace_outdated_units(target_relation, sql) }}{%- endcall -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro remember_whole_build(definition) %}
    delete from {{ build_relation('changes') }} where model = '{{ model.name }}';
    insert into {{ build_relation('changes') }} (model, name, is_built) values ('{{ model.name }}', '*', false);
    delete from {{ build_relation('definitions') }} where model = '{{ model.name }}';
    insert into {{ build_relation('definitions') }} (model, definition, unit, unit_sql)
    values (
        '{{ model.name }}', '{{ definition }}', '{{ model.config.meta.unit }}',
        '{{ model.config.meta.unit_sql | replace("'", "''") }}'
    )
{% endmacro %}

{#-
    Compute the outdated units, compare them with what is there, note and replace what differs. Where nothing but the
    unit is noted, one number that follows from all rows of a unit is compared instead of the rows.
-#}
{% macro replace_outdated_units(target_relation, sql) %}
    {%- set meta = model.config.meta -%}
    {%- set is_compared_whole = not (meta.outdated or meta.landed) -%}
    {%- set is_noted_by_unit = not meta.notes and not meta.days -%}
    {%- set empty = run_query("select * from " ~ target_relation ~ " where 1 = 0") -%}
    {%- set quoted = [] -%}
    {%- for name in empty.column_names %}{% do quoted.append(adapter.quote(name)) %}{% endfor -%}
    {%- set columns = quoted | join(', ') -%}
    {%- set computed = model.name ~ '__computed' -%}
    {%- set units = model.name ~ '__units' -%}
    {%- set different = model.name ~ '__different' -%}
    {%- set different_unit = 'unit' if is_noted_by_unit else meta.unit_sql -%}
    create temporary table {{ computed }} as (
{{ sql }}
    );
    {% if not is_compared_whole %}
    create temporary table {{ units }} as
    select cast({{ meta.unit }} as varchar) as unit from ({{ outdated_units() }}) as listed
    union
    select cast({{ meta.unit_sql }} as varchar) as unit from {{ computed }};
    {% endif %}
    create temporary table {{ different }} as
    with
    here as (
        select {{ columns }} from {{ target_relation }}
        {%- if not is_compared_whole %} where {{ meta.unit_sql }} in (select unit from {{ units }}){% endif %}
    )
    {% if is_noted_by_unit %}
    select unit
    from (
        select {{ meta.unit_sql }} as unit, {{ fingerprint(quoted) }} as fingerprint from here group by 1
        union all
        select {{ meta.unit_sql }} as unit, {{ fingerprint(quoted) }} as fingerprint from {{ computed }} group by 1
    ) as units
    group by unit
    having count(*) = 1 or min(fingerprint) <> max(fingerprint);
    {% else %}
    (select {{ columns }} from here except all select {{ columns }} from {{ computed }})
    union all
    (select {{ columns }} from {{ computed }} except all select {{ columns }} from here);
    {% endif %}
    delete from {{ target_relation }} where {{ meta.unit_sql }} in (select {{ different_unit }} from {{ different }});
    {% if meta.notes == '*' %}
    insert into {{ build_relation('changes') }} (model, name, is_built)
    select '{{ model.name }}', '*', false from {{ different }} limit 1;
    {% else %}
    {% for note in [meta.unit] + meta.notes %}
    {%- set value = different_unit if loop.first else note %}
    insert into {{ build_relation('changes') }} (model, name, value, first_day, last_day, is_built)
    select
        '{{ model.name }}', '{{ note }}', cast({{ value }} as varchar),
        {% if meta.days -%}
        min({{ day_of(meta.days) }}), max({{ day_of(meta.days) }}),
        {%- else -%}
        cast(null as date), cast(null as date),
        {%- endif %}
        false
    from {{ different }}
    where {{ value }} is not null
    group by {{ value }};
    {% endfor %}
    {% endif %}
    insert into {{ target_relation }} ({{ columns }})
    select {{ columns }} from {{ computed }}
    where {{ meta.unit_sql }} in (select {{ different_unit }} from {{ different }});
    drop table {{ computed }};
    drop table {{ different }};
    {% if not is_compared_whole %}drop table {{ units }};{% endif %}
{% endmacro %}

{#-
    Have what happened between two days, both included, computed again from raw by the next build:

        dbt run-operation recompute_between --args '{first_day: 2026-01-01, last_day: 2026-03-31}'
-#}
{% macro recompute_between(first_day, last_day) %}
    {%- set between = " between date '" ~ first_day ~ "' and date '" ~ last_day ~ "'" -%}
    {%- set happened = [
        ('staging', 'stg_crm__interactions', 'interaction_id', day_of('occurred_at') ~ between),
        ('staging', 'stg_billing__invoices', 'invoice_id', 'issued_on' ~ between),
        ('staging', 'stg_billing__notices', 'notice_id', day_of('sent_at') ~ between),
        ('staging', 'stg_billing__payments', 'payment_id', day_of('paid_at') ~ between),
        ('staging', 'stg_survey__invitations', 'invitation_id', day_of('sent_at') ~ between),
        ('staging', 'stg_survey__responses', 'response_id', day_of('submitted_at') ~ between),
        ('intermediate', 'int_interactions_resolved', 'journey_instance_id', day_of('occurred_at') ~ between),
        (
            'intermediate', 'int_periods_listed', 'period_key',
            "period_start <= date '" ~ last_day ~ "' and period_end > date '" ~ first_day ~ "'",
        ),
    ] -%}
    {%- do run_query(create_build_memory()) -%}
    {%- for schema, name, column, condition in happened -%}
        {%- set relation = adapter.get_relation(target.database, schema, name) -%}
        {%- if relation is not none -%}
            {%- set noted -%}
            insert into {{ build_relation('changes') }} (model, name, value, is_built)
            select '{{ name }}', '{{ column }}', {{ column }}, false
            from {{ relation }}
            where {{ column }} is not null and {{ condition }}
            group by {{ column }}
            {%- endset -%}
            {%- do run_query(noted) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do adapter.commit() -%}
{% endmacro %}
