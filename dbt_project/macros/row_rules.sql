{#- The rules that a row keeps or breaks by itself: name, condition under which it is broken, and text that says so. -#}
{% macro row_rules(filled, accepted, ranges, known, adds_up, never_decreases, hides_suppressed, has_length) -%}
    {%- set rules = [] -%}
    {%- set tolerance = var('tolerance') -%}

    {%- for column in filled -%}
    {%- do rules.append({
        'name': column ~ ' is filled',
        'broken': column ~ ' is null',
        'text': "'" ~ column ~ " is empty'",
    }) -%}
    {%- endfor -%}

    {%- for column, values in accepted.items() -%}
    {%- do rules.append({
        'name': column ~ ' is accepted',
        'broken': column ~ " not in ('" ~ values | join("', '") ~ "')",
        'text': named_values([column]) ~ " || ' is not one of " ~ values | join(', ') ~ "'",
    }) -%}
    {%- endfor -%}

    {%- for bounds, columns in ranges.items() -%}
    {%- set ends = bounds.replace(' or more', '').split(' to ') -%}
    {%- for column in columns -%}
    {%- set above = column ~ ' > ' ~ ends[1] ~ ' + ' ~ tolerance if ends | length > 1
        else column ~ " >= cast('infinity' as " ~ type_double() ~ ')' -%}
    {%- do rules.append({
        'name': column ~ ' is ' ~ bounds,
        'broken': column ~ ' < ' ~ ends[0] ~ ' - ' ~ tolerance ~ ' or ' ~ above,
        'text': named_values([column]) ~ " || ' is not " ~ bounds ~ "'",
    }) -%}
    {%- endfor -%}
    {%- endfor -%}

    {%- for reference, relation in known.items() -%}
    {%- set column = reference.split(' as ')[0] -%}
    {%- do rules.append({
        'name': column ~ ' is known',
        'broken': column ~ ' is not null and known_' ~ loop.index ~ ' is null',
        'text': named_values([column]) ~ " || ' is not in " ~ relation.identifier ~ "'",
    }) -%}
    {%- endfor -%}

    {%- for total, columns in adds_up.items() -%}
    {%- do rules.append({
        'name': 'adds up to ' ~ total,
        'broken': 'abs(' ~ columns | join(' + ') ~ ' - ' ~ total ~ ') > ' ~ tolerance,
        'text': named_values(columns) ~ " || ' do not add up to " ~ total ~ "'",
    }) -%}
    {%- endfor -%}

    {%- for columns in never_decreases -%}
    {%- set falls = [] -%}
    {%- for later in columns[1:] -%}
    {%- for earlier in columns[:loop.index] -%}
    {%- do falls.append(earlier ~ ' > ' ~ later ~ ' + ' ~ tolerance) -%}
    {%- endfor -%}
    {%- endfor -%}
    {%- do rules.append({
        'name': columns | join(' <= '),
        'broken': falls | join(' or '),
        'text': named_values(columns) ~ " || ' fall from one to the next'",
    }) -%}
    {%- endfor -%}

    {%- if hides_suppressed -%}
    {%- set figures = hides_suppressed['figures'] -%}
    {%- set withheld = figures + hides_suppressed.get('hidden', []) -%}
    {%- do rules.append({
        'name': 'hides what is suppressed',
        'broken': 'suppressed_reason is not null and (' ~ withheld | join(' is not null or ') ~ ' is not null)'
            ~ ' or suppressed_reason is null and weight_share > 0 and (' ~ figures | join(' is null or ') ~ ' is null)',
        'text': named_values(['suppressed_reason']) ~ " || ' with ' || " ~ named_values(withheld),
    }) -%}
    {%- endif -%}

    {%- if has_length -%}
    {%- set starts, ends = has_length -%}
    {%- do rules.append({
        'name': ends ~ ' is after ' ~ starts,
        'broken': ends ~ ' <= ' ~ starts,
        'text': named_values([ends]) ~ " || ' is not after ' || " ~ named_values([starts]),
    }) -%}
    {%- endif -%}

    {{ return(rules) }}
{%- endmacro %}
