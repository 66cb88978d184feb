{#-
    Interactions that bear on responses, added up by response and `columns` and weighed by how relevant their
    touchpoint is to the respondent: the mean over the roles held on the day of the answer; someone without a role
    takes the rows for any role. `matches` has response_id, relevant_touchpoint and the columns.
-#}
{% macro relevant_interactions(matches, columns) -%}
    select
        touched.response_id,
        {%- for column in columns %}
        touched.{{ column }},
        {%- endfor %}
        {{ stable_sum('touched.interaction_count * relevance.relevance * coalesce(response_roles.role_share, 1)') }}
        as weight
    from (
        select
            response_id,
            relevant_touchpoint,
            {%- for column in columns %}
            {{ column }},
            {%- endfor %}
            count(*) as interaction_count
        from {{ matches }}
        group by
            response_id,
            relevant_touchpoint
            {%- for column in columns %},
            {{ column }}
            {%- endfor %}
    ) as touched
    {{ join_relevance('touched', 'touched') }}
    where relevance.relevance > 0
    group by
        touched.response_id
        {%- for column in columns %},
        touched.{{ column }}
        {%- endfor %}
{%- endmacro %}

{#- Whether an interaction falls in the days before a response that count for it, both ends included. -#}
{% macro in_attribution_window(interactions, responses) -%}
    {{ interactions }}.occurred_at <= {{ responses }}.submitted_at
            and {{ interactions }}.occurred_at
            >= {{ responses }}.submitted_at - interval '{{ var("attribution_days") }}' day
{%- endmacro %}

{#-
    How relevant the touchpoint of an interaction is to each role of a respondent, as `relevance` and `response_roles`:
    who holds none is anybody.
-#}
{% macro join_relevance(responses, interactions) -%}
left join {{ ref('int_responses__roles') }} as response_roles
        on {{ responses }}.response_id = response_roles.response_id
    inner join {{ ref('int_programme__relevance') }} as relevance
        on
            coalesce(response_roles.role, '*') = relevance.role
            and {{ interactions }}.relevant_touchpoint = relevance.touchpoint
{%- endmacro %}

{#-
    Shares of each response by group under every kind (an attribution rule, a split): what the group weighs of all the
    response is about. Nothing to share belongs to `nobody`.

    kinds   a CTE with the column `kind`
    groups  a CTE with response_id, the columns `kind` and `group_id`, and their weight
-#}
{% macro shares_of_responses(responses, kinds, groups, kind, group_id, nobody) -%}
    select
        responses.response_id,
        kinds.{{ kind }},
        coalesce(parts.{{ group_id }}, '{{ nobody }}') as {{ group_id }},
        coalesce(parts.weight / totals.weight, 1.0) as share
    from {{ responses }} as responses
    cross join {{ kinds }} as kinds
    left join (
        select
            response_id,
            {{ kind }},
            {{ stable_sum('weight') }} as weight
        from {{ groups }}
        group by
            response_id,
            {{ kind }}
    ) as totals
        on
            responses.response_id = totals.response_id
            and kinds.{{ kind }} = totals.{{ kind }}
    left join {{ groups }} as parts
        on
            totals.response_id = parts.response_id
            and totals.{{ kind }} = parts.{{ kind }}
{%- endmacro %}
