{#-
    The columns name a row: no two rows share them, and none of them is empty but those that `may_be_null`.
    Catches a join that multiplied rows before any figure is read from them. `place` begins the text of an issue, where
    the reader knows the rows by another name than the model's: the programme's files.

    Rows whose hash nobody shares differ from all others: only the rest, as a rule none, is compared column by column.
-#}
{% test unique_grain(model, columns, may_be_null=[], place=none) %}

with

shared_hashes as (

    select {{ row_hash(columns) }} as row_hash
    from {{ model }}
    group by {{ row_hash(columns) }}
    having count(*) > 1

),

suspects as (

    select
        {{ columns | join(',\n        ') }}
    from {{ model }}
    left join shared_hashes on {{ row_hash(columns) }} = shared_hashes.row_hash
    where
        shared_hashes.row_hash is not null
        {%- for column in columns if column not in may_be_null %}
        or {{ column }} is null
        {%- endfor %}

)

select
    {{ columns | join(',\n    ') }},
    count(*) as row_count,
    '{{ place ~ ": " if place }}' || cast(count(*) as varchar) || ' row(s) of ' || {{ named_values(columns) }}
    || '; it has to be one, with no part of the key empty' as issue
from suspects
group by
    {{ columns | join(',\n    ') }}
having
    count(*) > 1
    {%- for column in columns if column not in may_be_null %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
