{#-
    Rows of `groups` with their final suppressed_reason: where exactly one group with weight of a split is
    suppressed, the shown one with weight and the fewest answers (ties by id) is suppressed with it, so that nothing can
    be found by subtraction. One step. Needs weight_share and own_reason.

    scope     columns of one split
    group_id  the id that breaks ties
    answers   the column that counts the answers that weigh
    exempt    condition of rows that take no part
-#}
{% macro with_complement(groups, scope, group_id, answers='response_count', exempt=none) -%}
    select
        *,
        case
            when own_reason is not null then own_reason
            when weight_share > 0 and hidden_count = 1 and shown_rank = 1 then 'complementary'
        end as suppressed_reason
    from (
        select
            *,
            sum(case when weight_share > 0 and own_reason is not null then 1 else 0 end) over (
                partition by {{ scope | join(', ') }}
            ) as hidden_count,
            row_number() over (
                partition by {{ scope | join(', ') }}
                order by
                    case when weight_share > 0 and own_reason is null then 0 else 1 end,
                    {{ answers }},
                    {{ group_id }}
            ) as shown_rank
        from {{ groups }}
        {%- if exempt is not none %}
        where not {{ exempt }}
        {%- endif %}
    ) as ranked
    {%- if exempt is not none %}

    union all

    select
        *,
        0 as hidden_count,
        0 as shown_rank,
        own_reason as suppressed_reason
    from {{ groups }}
    where {{ exempt }}
    {%- endif %}
{%- endmacro %}

{#- A figure that may not be shown in a suppressed row. -#}
{% macro unless_suppressed(expression) -%}
    case when suppressed_reason is null then {{ expression }} end
{%- endmacro %}
