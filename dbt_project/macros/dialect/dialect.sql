{#-
    Every difference between engines lives in this folder. Each macro has the portable form as its default;
    an engine overrides it with its own prefix. Sessions run in UTC, so casts of instants to days are UTC days.
-#}

{% macro type_double() %}{{ return(adapter.dispatch('type_double')()) }}{% endmacro %}
{% macro default__type_double() %}double{% endmacro %}
{% macro postgres__type_double() %}double precision{% endmacro %}

{#- Fixed-point type for sums whose result must not depend on the order of rows. -#}
{% macro type_exact() %}{{ return(adapter.dispatch('type_exact')()) }}{% endmacro %}
{% macro default__type_exact() %}decimal(38, 18){% endmacro %}

{#-
    Follows `as` in a CTE over many rows that is read more than once: it is computed where it is read. Engines that
    would keep a copy of it in memory have to be told not to.
-#}
{% macro not_materialized() %}{{ return(adapter.dispatch('not_materialized')()) }}{% endmacro %}
{% macro default__not_materialized() %}not materialized{% endmacro %}
{% macro spark__not_materialized() %}{% endmacro %}

{#- Calendar day (UTC) of an instant. -#}
{% macro day_of(instant) %}cast({{ instant }} as date){% endmacro %}

{#- Midnight UTC at which a calendar day begins. -#}
{% macro instant_of(day) %}{{ return(adapter.dispatch('instant_of')(day)) }}{% endmacro %}
{% macro default__instant_of(day) %}cast({{ day }} as timestamp){% endmacro %}
{% macro duckdb__instant_of(day) %}cast({{ day }} as timestamptz){% endmacro %}
{% macro postgres__instant_of(day) %}cast({{ day }} as timestamptz){% endmacro %}

{#- Calendar day `days` after `day`; negative goes back. -#}
{% macro add_days(day, days) %}{{ return(adapter.dispatch('add_days')(day, days)) }}{% endmacro %}
{% macro default__add_days(day, days) %}cast({{ day }} + interval '1' day * {{ days }} as date){% endmacro %}
{% macro spark__add_days(day, days) %}date_add({{ day }}, {{ days }}){% endmacro %}

{#- Calendar day `months` after a day. -#}
{% macro add_months(day, months) %}{{ return(adapter.dispatch('add_months')(day, months)) }}{% endmacro %}
{% macro default__add_months(day, months) %}cast({{ day }} + interval '1' month * {{ months }} as date){% endmacro %}
{% macro spark__add_months(day, months) %}add_months({{ day }}, {{ months }}){% endmacro %}

{#- Seconds from one instant to a later one, as a double. -#}
{% macro seconds_between(earlier, later) %}{{ return(adapter.dispatch('seconds_between')(earlier, later)) }}{% endmacro %}
{% macro default__seconds_between(earlier, later) -%}
    cast(extract(epoch from {{ later }}) - extract(epoch from {{ earlier }}) as {{ type_double() }})
{%- endmacro %}
{% macro duckdb__seconds_between(earlier, later) -%}
    (epoch_us({{ later }}) - epoch_us({{ earlier }})) / 1000000.0::double
{%- endmacro %}
{% macro spark__seconds_between(earlier, later) -%}
    (unix_micros({{ later }}) - unix_micros({{ earlier }})) / cast(1000000 as double)
{%- endmacro %}

{#- Whole days from one calendar day to another. -#}
{% macro days_between(earlier, later) %}{{ return(adapter.dispatch('days_between')(earlier, later)) }}{% endmacro %}
{% macro default__days_between(earlier, later) %}datediff({{ later }}, {{ earlier }}){% endmacro %}
{% macro duckdb__days_between(earlier, later) %}date_diff('day', {{ earlier }}, {{ later }}){% endmacro %}
{% macro postgres__days_between(earlier, later) %}cast({{ later }} - {{ earlier }} as bigint){% endmacro %}

{#- Values of a column joined in the given order. -#}
{% macro string_agg_sorted(value, separator, order_by) -%}
    {{ return(adapter.dispatch('string_agg_sorted')(value, separator, order_by)) }}
{%- endmacro %}
{% macro default__string_agg_sorted(value, separator, order_by) -%}
    string_agg({{ value }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}
{% macro spark__string_agg_sorted(value, separator, order_by) -%}
    array_join(transform(array_sort(collect_list(struct({{ order_by }}, {{ value }} as item))), x -> x.item), '{{ separator }}')
{%- endmacro %}

{#- One row a day, column `day`, from the first to the last day (both scalar expressions), both included. -#}
{% macro day_series(first_day, last_day, relation) %}
    {{- return(adapter.dispatch('day_series')(first_day, last_day, relation)) }}
{%- endmacro %}
{% macro default__day_series(first_day, last_day, relation) -%}
    select cast(series.day as date) as day
    from {{ relation }}
    cross join lateral generate_series({{ first_day }}, {{ last_day }}, interval '1' day) as series (day)
{%- endmacro %}
{% macro duckdb__day_series(first_day, last_day, relation) -%}
    select cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval '1' day)) as date) as day
    from {{ relation }}
{%- endmacro %}
{% macro spark__day_series(first_day, last_day, relation) -%}
    select explode(sequence({{ first_day }}, {{ last_day }}, interval '1' day)) as day
    from {{ relation }}
{%- endmacro %}

{#- An instant: a timestamp with time zone where the engine has one. -#}
{% macro type_instant() %}{{ return(adapter.dispatch('type_instant')()) }}{% endmacro %}
{% macro default__type_instant() %}timestamptz{% endmacro %}
{% macro spark__type_instant() %}timestamp{% endmacro %}

{#- How changed rows replace old ones of the same key. -#}
{% macro incremental_strategy() %}{{ return(adapter.dispatch('incremental_strategy')()) }}{% endmacro %}
{% macro default__incremental_strategy() %}{{ return('delete+insert') }}{% endmacro %}
{% macro spark__incremental_strategy() %}{{ return('merge') }}{% endmacro %}

{#- List of the continuous percentiles of a column at several shares, in one pass; empty values are left out. -#}
{% macro percentiles(value, shares) %}{{ return(adapter.dispatch('percentiles')(value, shares)) }}{% endmacro %}
{% macro default__percentiles(value, shares) -%}
    percentile_cont(array[{{ shares | join(', ') }}]) within group (order by {{ value }})
{%- endmacro %}
{% macro duckdb__percentiles(value, shares) %}quantile_cont({{ value }}, [{{ shares | join(', ') }}]){% endmacro %}
{% macro spark__percentiles(value, shares) %}percentile({{ value }}, array({{ shares | join(', ') }})){% endmacro %}

{#- Item of a list, counted from 1. -#}
{% macro list_item(list, position) %}{{ return(adapter.dispatch('list_item')(list, position)) }}{% endmacro %}
{% macro default__list_item(list, position) %}{{ list }}[{{ position }}]{% endmacro %}
{% macro spark__list_item(list, position) %}element_at({{ list }}, {{ position }}){% endmacro %}

{#- A hash that rows with the same values in the columns share; others may share it too. -#}
{% macro row_hash(columns) %}{{ return(adapter.dispatch('row_hash')(columns)) }}{% endmacro %}
{% macro default__row_hash(columns) -%}
    md5(
        {%- for column in columns %}
        coalesce(cast({{ column }} as varchar), '') || '|'
        {%- if not loop.last %} || {% endif %}
        {%- endfor %}
    )
{%- endmacro %}
{% macro duckdb__row_hash(columns) -%} hash({{ columns | join(', ') }}) {%- endmacro %}

{#- A number that follows from all columns of a row of a relation, by its alias. -#}
{% macro hash_of_row(relation) %}{{ return(adapter.dispatch('hash_of_row')(relation)) }}{% endmacro %}
{% macro default__hash_of_row(relation) %}xxhash64({{ relation }}.*){% endmacro %}
{% macro duckdb__hash_of_row(relation) %}hash('{{ relation }}', {{ relation }}){% endmacro %}
{% macro postgres__hash_of_row(relation) %}hashtextextended('{{ relation }}' || cast({{ relation }}.* as text), 0){% endmacro %}

{#- The sum of such numbers: the same for the same rows, whatever their order. -#}
{% macro sum_of_hashes(hash) %}{{ return(adapter.dispatch('sum_of_hashes')(hash)) }}{% endmacro %}
{% macro default__sum_of_hashes(hash) %}sum(cast({{ hash }} as decimal(38, 0))){% endmacro %}
{% macro duckdb__sum_of_hashes(hash) %}sum({{ hash }}){% endmacro %}

{#- Calendar day of an instant where the clocks show `time_zone`, a column of IANA names. -#}
{% macro local_day(instant, time_zone) %}{{ return(adapter.dispatch('local_day')(instant, time_zone)) }}{% endmacro %}
{% macro default__local_day(instant, time_zone) %}cast(timezone({{ time_zone }}, {{ instant }}) as date){% endmacro %}
{% macro spark__local_day(instant, time_zone) %}cast(from_utc_timestamp({{ instant }}, {{ time_zone }}) as date){% endmacro %}

{#-
    Words of a text: lower case, one blank before and after each, punctuation left out but for `.`, which ends a
    sentence, numbers as `#`. Letters of any language are letters.
-#}
{% macro words_of(text) %}{{ return(adapter.dispatch('words_of')(text)) }}{% endmacro %}
{% macro default__words_of(text) -%}
    regexp_replace(regexp_replace(regexp_replace(
        ' ' || lower({{ text }}) || ' ', '[0-9][0-9.,]*', '#', 'g'
    ), '[.!?;\n]+', ' . ', 'g'), '[^\p{L}\p{M}#.]+', ' ', 'g')
{%- endmacro %}
{% macro postgres__words_of(text) -%}
    regexp_replace(regexp_replace(regexp_replace(
        ' ' || lower({{ text }}) || ' ', '[0-9][0-9.,]*', '#', 'g'
    ), '[.!?;\n]+', ' . ', 'g'), '[^[:alpha:]#.]+', ' ', 'g')
{%- endmacro %}
{% macro spark__words_of(text) -%}
    regexp_replace(regexp_replace(regexp_replace(
        concat(' ', lower({{ text }}), ' '), '[0-9][0-9.,]*', '#'
    ), '[.!?;\\n]+', ' . '), '[^\\p{L}\\p{M}#.]+', ' ')
{%- endmacro %}

{#- One row a part of a text that is split at a separator, in the column `part`, beside the columns given. -#}
{% macro parts_of(text, separator, part, columns, relation) %}
    {{- return(adapter.dispatch('parts_of')(text, separator, part, columns, relation)) }}
{%- endmacro %}
{% macro default__parts_of(text, separator, part, columns, relation) -%}
    select {{ columns | join(', ') }}, series.{{ part }}
    from {{ relation }}
    cross join lateral unnest(string_to_array({{ text }}, '{{ separator }}')) as series ({{ part }})
{%- endmacro %}
{% macro duckdb__parts_of(text, separator, part, columns, relation) -%}
    select {{ columns | join(', ') }}, unnest(string_split({{ text }}, '{{ separator }}')) as {{ part }}
    from {{ relation }}
{%- endmacro %}
{% macro spark__parts_of(text, separator, part, columns, relation) -%}
    select {{ columns | join(', ') }}, explode(split({{ text }}, '[{{ separator }}]')) as {{ part }}
    from {{ relation }}
{%- endmacro %}

{#- Instant at which a calendar day begins where the clocks show `time_zone`. -#}
{% macro start_of_local_day(day, time_zone) %}{{ return(adapter.dispatch('start_of_local_day')(day, time_zone)) }}{% endmacro %}
{% macro default__start_of_local_day(day, time_zone) %}timezone({{ time_zone }}, cast({{ day }} as timestamp)){% endmacro %}
{% macro spark__start_of_local_day(day, time_zone) %}to_utc_timestamp(cast({{ day }} as timestamp), {{ time_zone }}){% endmacro %}

{#- Text of a member of a JSON object. -#}
{% macro json_text(object, member) %}{{ return(adapter.dispatch('json_text')(object, member)) }}{% endmacro %}
{% macro default__json_text(object, member) %}({{ object }} ->> '{{ member }}'){% endmacro %}
{% macro spark__json_text(object, member) %}get_json_object({{ object }}, '$.{{ member }}'){% endmacro %}
