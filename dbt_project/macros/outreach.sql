{#- What it costs to ask one person once through a channel; a channel without a price costs 1. -#}
{% macro outreach_cost(channel) -%}
    cast(case {{ channel }}
        {%- for name, cost in var('outreach_costs').items() %}
        when '{{ name }}' then {{ cost }}.0
        {%- endfor %}
        else 1.0
    end as {{ type_double() }})
{%- endmacro %}

{#-
    What one more answer takes off the variance of the headline per unit of cost: a cell of weight c that m answers
    speak for adds c²S²/m to it, so the next one takes off c²S²/(m(m+1)), if it comes (ρ).
-#}
{% macro expected_gain(cell_weight, variance, response_rate, answers, cost) -%}
    {{ cell_weight }} * {{ cell_weight }} * {{ variance }} * {{ response_rate }}
    / ({{ answers }} * ({{ answers }} + 1.0) * {{ cost }})
{%- endmacro %}

{#- Response rate to expect after so many answers to so many invitations: the mean of a Beta distribution. -#}
{% macro expected_response_rate(answered, asked) -%}
    ({{ answered }} + {{ var('response_prior_answers') }})
    / cast({{ asked }} + {{ var('response_prior_answers') }} + {{ var('response_prior_silences') }} as {{ type_double() }})
{%- endmacro %}
