{#-
    Linear algebra of relative weights (Johnson 2000) on rows that hold a whole symmetric matrix each, its upper triangle
    in columns: the same on every engine, and many thousand matrices at once. Positions run from 1 to the most drivers
    there may be, `importance_maximum_drivers`; those a group does without are a driver apart that explains nothing.
-#}
{% macro driver_positions() -%}
    {{ return(range(1, var('importance_maximum_drivers') + 1) | list) }}
{%- endmacro %}

{#- Pairs of positions of the upper triangle; with `outcome` position 0, the outcome, is one of them. -#}
{% macro position_pairs(outcome=false) -%}
    {%- set pairs = [] -%}
    {%- for i in range(0 if outcome else 1, var('importance_maximum_drivers') + 1) -%}
        {%- for j in range(i, var('importance_maximum_drivers') + 1) -%}{%- do pairs.append((i, j)) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(pairs) }}
{%- endmacro %}

{#- Column of a symmetric matrix. -#}
{% macro entry(matrix, i, j) -%}
    {{ matrix }}_{{ [i, j] | min }}_{{ [i, j] | max }}
{%- endmacro %}

{#- Entry of the product of two symmetric matrices that commute. -#}
{% macro product(left, right, i, j) -%}
    {%- for k in driver_positions() -%}
    {{ entry(left, i, k) }} * {{ entry(right, k, j) }}{{ ' + ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#-
    How often a block of accounts is drawn in a replicate of the bootstrap: Poisson with mean 1, told from a hash, so
    that every build draws the same.
-#}
{% macro times_drawn(block, replicate) -%}
    {%- set hash = "substr(md5(cast(" ~ block ~ " as varchar) || ' ' || cast(" ~ replicate ~ " as varchar)), 1, 8)" -%}
    {%- set chance = namespace(of=0.36787944117144233, up_to=0.0) -%}
    case
        {%- for times in range(7) %}
        {%- set chance.up_to = chance.up_to + chance.of %}
        {%- set chance.of = chance.of / (times + 1) %}
        when {{ hash }} < '{{ "%08x" % (chance.up_to * 4294967296) | int }}' then {{ times }}
        {%- endfor %}
        else 7
    end
{%- endmacro %}
