{#-
    All that the rows of one table promise, checked together: one failing row per offending row and broken rule, with
    the rule and, in `issue`, a text that names the row by its grain. An empty value breaks no rule but those that ask
    for a value: no part of the grain is empty unless it `may_be_null`, and no column of `never_empty`.

    grain              columns that name a row; no two rows share them
    accepted           values a column may have, by column
    ranges             columns by the range they stay in: `0 to 1`, or `0 or more`, which is finite
    known              table in which a column's value is found, by column, or `column as its name there`
    adds_up            columns that add up to the column, or number, they stand under
    never_decreases    lists of columns that never fall from one to the next: RR1, RR3, RR5
    hides_suppressed   `figures` a row shows exactly where it is not suppressed and has weight; what is `hidden` with
                       them may be empty for reasons of its own
    has_length         two columns, from and to (exclusive, empty is open): the second is after the first
    place              where the reader finds the rows, if not under the table's name: a file of the programme

    Rows whose hash nobody shares differ from all others: only the rest, as a rule none, is compared column by column.
    Tables that rows refer to are read without duplicates, which would multiply the rows before anybody hears of them.
-#}
{% test rows_keep_rules(
    model, grain, may_be_null=[], never_empty=[], accepted={}, ranges={}, known={}, adds_up={}, never_decreases=[],
    hides_suppressed=none, has_length=none, place=none
) %}

{%- set rules = row_rules(
    grain | reject('in', may_be_null) | list + never_empty, accepted, ranges, known, adds_up, never_decreases,
    hides_suppressed, has_length
) %}
{%- set place = "'" ~ place ~ ": ' || " if place else '' %}
with

shared_hashes as (

    select {{ row_hash(grain) }} as shared_hash
    from {{ model }}
    group by {{ row_hash(grain) }}
    having count(*) > 1

),

shared_grains as (

    select
        {{ grain | join(',\n        ') }},
        count(*) as row_count
    from {{ model }}
    inner join shared_hashes on {{ row_hash(grain) }} = shared_hash
    group by
        {{ grain | join(',\n        ') }}
    having count(*) > 1

),

checked_rows as (

    select
        {{ grain | join(',\n        ') }},
        {%- for rule in rules %}
        case when {{ rule.broken }} then {{ rule.text }} end as issue_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ model }}
    {%- for reference, relation in known.items() %}
    {%- set names = reference.split(' as ') %}
    left join (
        select {{ names[-1] }} as known_{{ loop.index }} from {{ relation }} group by {{ names[-1] }}
    ) as relation_{{ loop.index }} on {{ names[0] }} = known_{{ loop.index }}
    {%- endfor %}

),

broken_rows as (

    select *
    from checked_rows
    where
        {%- for rule in rules %}
        {{ 'or ' if not loop.first }}issue_{{ loop.index }} is not null
        {%- endfor %}

),

rules as (

    {%- for rule in rules %}

    select
        {{ loop.index }} as number,
        '{{ rule.name }}' as rule
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

issues as (

    select
        broken_rows.*,
        rules.rule,
        case rules.number
            {%- for rule in rules %}
            when {{ loop.index }} then broken_rows.issue_{{ loop.index }}
            {%- endfor %}
        end as issue
    from broken_rows
    cross join rules

)

select
    'unique' as rule,
    {{ place }}cast(row_count as varchar) || ' rows instead of one: ' || {{ named_values(grain) }} as issue
from shared_grains

union all

select
    rule,
    {{ place }}issue || ': ' || {{ named_values(grain) }} as issue
from issues
where issue is not null

{% endtest %}
