{#-
    Disjoint spells out of overlapping candidates: at every day the candidate that comes first by `precedence` holds.

    candidates  a CTE with the key columns, the value, valid_from and valid_to (exclusive, null while open)
    keys        columns that each have a timeline of their own
    value       the column whose value is looked for
    precedence  an order over candidates of the same day, e.g. 'specificity desc'

    One row per key and spell, neighbours of the same value joined; days without a candidate are absent.
-#}
{% macro timeline(candidates, keys, value, precedence) -%}
{%- set key_list = keys | join(', ') -%}
    select
        {{ key_list }},
        {{ value }},
        min(valid_from) as valid_from,
        nullif(max(valid_to), {{ end_of_time() }}) as valid_to
    from (
        select
            *,
            sum(case when previous_value = {{ value }} and previous_valid_to = valid_from then 0 else 1 end) over (
                partition by {{ key_list }} order by valid_from
                rows between unbounded preceding and current row
            ) as island
        from (
            select
                *,
                lag({{ value }}) over (partition by {{ key_list }} order by valid_from) as previous_value,
                lag(valid_to) over (partition by {{ key_list }} order by valid_from) as previous_valid_to
            from (
                select
                    {%- for key in keys %}
                    segments.{{ key }},
                    {%- endfor %}
                    segments.valid_from,
                    segments.valid_to,
                    candidates.{{ value }},
                    row_number() over (
                        partition by {% for key in keys %}segments.{{ key }}, {% endfor %}segments.valid_from
                        order by {{ precedence }}, candidates.valid_to, candidates.valid_from
                    ) as candidate_rank
                from (
                    select
                        {{ key_list }},
                        bound as valid_from,
                        coalesce(
                            lead(bound) over (partition by {{ key_list }} order by bound), {{ end_of_time() }}
                        ) as valid_to
                    from (
                        select {{ key_list }}, valid_from as bound from {{ candidates }}
                        union
                        select {{ key_list }}, valid_to as bound from {{ candidates }} where valid_to is not null
                    ) as bounds
                ) as segments
                inner join {{ candidates }} as candidates
                    on
                        {%- for key in keys %}
                        segments.{{ key }} = candidates.{{ key }} and
                        {%- endfor %}
                        candidates.valid_from <= segments.valid_from
                        and (candidates.valid_to is null or segments.valid_from < candidates.valid_to)
            ) as ranked
            where candidate_rank = 1
        ) as chosen
    ) as islands
    group by {{ key_list }}, {{ value }}, island
{%- endmacro %}

{#-
    About how long something took, in whole numbers that never fall as it takes longer: sixteen bins for each time as
    long again by e. Fewer hold more visits that must be put in order, more are more rows to sum.
-#}
{% macro duration_bin(seconds) -%}
    cast(floor(16 * ln(1 + {{ seconds }})) as bigint)
{%- endmacro %}
