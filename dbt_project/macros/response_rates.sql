{#- Columns that count invitations, in the order of the rates below, each with its AAPOR code. -#}
{% macro aapor_counts() -%}
    {{ return({
        'completed_count': 'I',
        'partial_count': 'P',
        'refused_count': 'R',
        'unanswered_count': 'NC',
        'bounced_count': 'UO',
        'unreachable_count': 'UH',
        'ineligible_count': 'NE',
    }) }}
{%- endmacro %}

{#-
    Response rates after AAPOR's Standard Definitions, from the counts of a group: completed (I), partial (P), refused
    (R), unanswered (NC), bounced (UO), unreachable (UH) and ineligible (NE). Null without a denominator.
-#}
{% macro eligible_count() -%}
    (completed_count + partial_count + refused_count + unanswered_count)
{%- endmacro %}

{#- RR1 with `answers` completed, RR2 with the partial ones as well: of all who may have been eligible. -#}
{% macro response_rate(answers) -%}
    ({{ answers }}) / nullif(cast({{ eligible_count() }} + bounced_count + unreachable_count as {{ type_double() }}), 0)
{%- endmacro %}

{#- Share of those of unknown eligibility taken for eligible: that among those of whom it is known. -#}
{% macro eligible_share() -%}
    {{ eligible_count() }} / nullif(cast({{ eligible_count() }} + ineligible_count as {{ type_double() }}), 0)
{%- endmacro %}

{% macro response_rate_3() -%}
    completed_count / nullif({{ eligible_count() }} + {{ eligible_share() }} * (bounced_count + unreachable_count), 0)
{%- endmacro %}

{% macro response_rate_5() -%}
    completed_count / nullif(cast({{ eligible_count() }} as {{ type_double() }}), 0)
{%- endmacro %}
