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
    left join {{ ref('int_responses__roles') }} as response_roles
        on touched.response_id = response_roles.response_id
    inner join {{ ref('int_programme__relevance') }} as relevance
        on
            coalesce(response_roles.role, '*') = relevance.role
            and touched.relevant_touchpoint = relevance.touchpoint
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
