{#- Net promoter value of a score: +1 promoter, 0 passive, -1 detractor; no score, no value. -#}
{% macro nps_value(score) -%}
    case
        when {{ score }} between 9 and 10 then 1
        when {{ score }} between 7 and 8 then 0
        when {{ score }} between 0 and 6 then -1
    end
{%- endmacro %}

{#- Word for a net promoter value. -#}
{% macro nps_group(value) -%}
    case {{ value }}
        when 1 then 'promoter'
        when 0 then 'passive'
        when -1 then 'detractor'
    end
{%- endmacro %}

{#- What a silent cell keeps for its account and segment, 1 - lambda: the more donors it has, the less. -#}
{% macro kept_share(donor_units) -%}
    ({{ var('donor_prior') }} / ({{ donor_units }} + {{ var('donor_prior') }}))
{%- endmacro %}

{#-
    What a score, its interval and its suppression need of the responses of a group: sums of a weight by answer and
    squared, and the largest, as columns that begin with `prefix`. Needs nps_value.
-#}
{% macro nps_sums(prefix, weight) -%}
    {%- for answer, value in {'promoter': 1, 'passive': 0, 'detractor': -1}.items() -%}
    {{ stable_sum('case when nps_value = ' ~ value ~ ' then ' ~ weight ~ ' else 0 end') }}
        as {{ prefix }}_{{ answer }}_weight,
        {% endfor -%}
    {{ stable_sum(weight ~ ' * ' ~ weight) }} as {{ prefix }}_squared_weight,
        max({{ weight }}) as {{ prefix }}_max_weight
{%- endmacro %}

{#- Of the responses of a group those that weigh, and their accounts: what decides whether it may be shown. -#}
{% macro weighing_counts(prefix, weight) -%}
    cast(sum(case when {{ weight }} > 0 then 1 else 0 end) as bigint) as {{ prefix }}_weighing_count,
        count(distinct case when {{ weight }} > 0 then counted_account_id end) as {{ prefix }}_weighing_account_count
{%- endmacro %}

{#-
    What rpt_nps needs of the counted responses of a group, as columns: counts; per weighting value and account the part
    of the headline's weight that they hold and its net; the sums by answer of the weights that score the group, which
    are the columns `value` and `account`; the same of the plain shares that speak for it without weighting
    (voice_share), and what the interval over the frame needs of those that speak for it there (cell_share).
-#}
{% macro group_sums(value, account) -%}
    count(*) as response_count,
        count(distinct counted_account_id) as account_count,
        cast(sum(case when has_cell then 1 else 0 end) as {{ type_double() }}) as cell_response_count,
        {{ stable_sum('value_weight') }} as value_weight,
        {{ stable_sum('value_weight * nps_value') }} as value_net_weight,
        {{ nps_sums('value', value) }},
        {{ stable_sum('account_weight') }} as account_weight,
        {{ stable_sum('account_weight * nps_value') }} as account_net_weight,
        {{ nps_sums('account', account) }},
        {{ nps_sums('share', 'voice_share') }},
        {{ weighing_counts('value', value) }},
        {{ weighing_counts('account', account) }},
        {{ weighing_counts('none', 'voice_share') }},
        {{ stable_sum('cell_share') }} as cell_share_sum,
        {{ stable_sum('case when nps_value = 1 then cell_share else 0 end') }} as cell_promoter_share_sum,
        {{ stable_sum('case when nps_value = -1 then cell_share else 0 end') }} as cell_detractor_share_sum
{%- endmacro %}

{#- Under each weighting, what the responses of a group weigh, and their net: weight times net promoter value. -#}
{% macro net_sums() -%}
    {%- for weighting in ('value', 'account', 'none') -%}
    {{ stable_sum(weighting ~ '_weight') }} as {{ weighting }}_weight,
        {{ stable_sum(weighting ~ '_weight * nps_value') }} as {{ weighting }}_net_weight
        {%- if not loop.last %},
        {% endif %}
    {%- endfor %}
{%- endmacro %}

{#-
    What counted responses say of a subject (a metric or a measure), once for every group of the response in the splits
    that `condition` leaves. An answer that does not matter to the roles of the person weighs nothing and is counted
    apart. No table: there are hundreds of millions of rows.
-#}
{% macro answers_in_groups(condition) -%}
    select
        answers.level,
        answers.period_key,
        answers.kind,
        answers.subject,
        groups.split,
        groups.group_id,
        responses.counted_account_id,
        answers.score,
        answers.value,
        answers.top_box,
        answers.top_two,
        case when answers.is_relevant then groups.weight else 0.0 end as weight,
        case when answers.is_relevant then 1 else 0 end as response_count,
        case when answers.is_relevant then 0 else 1 end as irrelevant_count,
        case when answers.is_relevant then answers.first_scale end as first_scale,
        case when answers.is_relevant then answers.last_scale end as last_scale,
        case when answers.is_relevant and groups.weight > 0 then answers.value end as weighing_value
    from {{ ref('int_metrics__counted_answers') }} as answers
    inner join {{ ref('int_metrics__responses_by_group') }} as groups
        on
            answers.period_key = groups.period_key
            and answers.response_id = groups.response_id
    inner join {{ ref('int_responses__resolved') }} as responses on answers.response_id = responses.response_id
    where
        groups.{{ condition }}
{%- endmacro %}

{#- Sums that means of answers, their spread and effective size need: name and term, over weight and answer. -#}
{% macro answer_terms() -%}
    {{ return({
        'weight': 'weight',
        'squared_weight': 'weight * weight',
        'score_sum': 'weight * score',
        'value_sum': 'weight * value',
        'squared_value_sum': 'weight * value * value',
        'top_box_sum': 'weight * top_box',
        'top_two_sum': 'weight * top_two',
    }) }}
{%- endmacro %}

{#- These sums over the rows of `answers_in_groups`, exact, so that sums of them are the sums of all. -#}
{% macro answer_sums() -%}
    sum(response_count) as response_count,
        sum(case when weight > 0 then response_count else 0 end) as weighing_count,
        sum(irrelevant_count) as irrelevant_count,
        {% for name, term in answer_terms().items() -%}
        {{ exact_sum(term) }} as {{ name }},
        {% endfor -%}
        max(weight) as max_weight,
        min(weighing_value) as lowest_value,
        max(weighing_value) as highest_value,
        min(first_scale) as first_scale,
        max(last_scale) as last_scale
{%- endmacro %}

{#- The same columns added up once more, and the accounts. -#}
{% macro sums_of_answer_sums() -%}
    sum(account_count) as account_count,
        sum(weighing_account_count) as weighing_account_count,
        sum(response_count) as response_count,
        sum(weighing_count) as weighing_count,
        sum(irrelevant_count) as irrelevant_count,
        {% for name in answer_terms() -%}
        sum({{ name }}) as {{ name }},
        {% endfor -%}
        max(max_weight) as max_weight,
        min(lowest_value) as lowest_value,
        max(highest_value) as highest_value,
        min(first_scale) as first_scale,
        max(last_scale) as last_scale
{%- endmacro %}

{#- How much of a group was heard, as columns, from the parts of its accounts that answered. -#}
{% macro covered_sums() -%}
    max(role_coverage) as own_coverage,
        {{ stable_sum('value_voice * role_coverage') }} as value_voice,
        {{ stable_sum('account_voice * role_coverage') }} as account_voice
        {%- for weighting in ('value', 'account', 'none') %},
        cast(sum(case when {{ weighting }}_weight > 0 then annual_value else 0 end) as {{ type_double() }})
        as {{ weighting }}_answered_value
        {%- endfor %}
{%- endmacro %}

{#- Share of promoters or detractors after the prior of the adjusted Wald interval. -#}
{% macro adjusted_share(share, n) -%}
    (({{ share }} * {{ n }} + {{ var('interval_prior') }} / 4.0) / ({{ n }} + {{ var('interval_prior') }}))
{%- endmacro %}

{#-
    End of the interval of a net score in points: `side` is '-' or '+', p and q the weighted shares of promoters
    and detractors, n the effective sample size. Adjusted Wald after Rocks (2016) with Kish's effective n.
-#}
{% macro nps_interval(side, p, q, n) -%}
    -- least and greatest pass over nulls, so what is not known must not reach them
    case when {{ n }} is not null and {{ p }} is not null then greatest(-100.0, least(100.0, 100.0 * (
        ({{ adjusted_share(p, n) }} - {{ adjusted_share(q, n) }})
        {{ side }} {{ var('z_score') }} * sqrt(greatest(0.0, (
            {{ adjusted_share(p, n) }} + {{ adjusted_share(q, n) }}
            - power({{ adjusted_share(p, n) }} - {{ adjusted_share(q, n) }}, 2)
        )) / ({{ n }} + {{ var('interval_prior') }}))
    ))) end
{%- endmacro %}

{#-
    End of the interval of a net score for the finite population of `population` clients there are now, `n` of whom
    answered: those who did not are predicted, so a census has no width.
-#}
{% macro nps_base_interval(side, p, q, n, population) -%}
    case when {{ population }} > 0 and {{ p }} is not null then greatest(-100.0, least(100.0, 100.0 * (
        (
            {{ n }} * ({{ p }} - {{ q }})
            + ({{ population }} - {{ n }}) * ({{ adjusted_share(p, n) }} - {{ adjusted_share(q, n) }})
        ) / {{ population }}
        {{ side }} {{ var('z_score') }} * sqrt(greatest(0.0, (
            {{ adjusted_share(p, n) }} + {{ adjusted_share(q, n) }}
            - power({{ adjusted_share(p, n) }} - {{ adjusted_share(q, n) }}, 2)
        )) * ({{ population }} - {{ n }}) * (({{ population }} - {{ n }}) + {{ n }} + {{ var('interval_prior') }})
        / ({{ population }} * {{ population }} * ({{ n }} + {{ var('interval_prior') }} + 1.0)))
    ))) end
{%- endmacro %}

{#- Why a group of responses may not be shown; null when it may. -#}
{% macro suppressed_reason(responses, accounts, max_weight_share, is_exempt_from_accounts='false') -%}
    case
        when {{ responses }} < {{ var('suppression_minimum_responses') }} then 'few_responses'
        when not {{ is_exempt_from_accounts }} and {{ accounts }} < {{ var('suppression_minimum_accounts') }}
            then 'few_accounts'
        else {{ dominance_reason(max_weight_share) }}
    end
{%- endmacro %}

{#- `dominant_response` where one response speaks for too much of a group; null where none does. -#}
{% macro dominance_reason(max_weight_share) -%}
    case
        when {{ max_weight_share }} > {{ var('suppression_maximum_weight_share') }} + {{ var('tolerance') }}
            then 'dominant_response'
    end
{%- endmacro %}

{#- Outcome of an invitation after AAPOR's Standard Definitions, from its disposition alone. -#}
{% macro aapor_code(disposition) -%}
    case {{ disposition }}
        when 'completed' then 'I'
        when 'partial' then 'P'
        when 'refused' then 'R'
        when 'sent' then 'NC'
        when 'opened' then 'NC'
        when 'started' then 'NC'
        when 'bounced' then 'UO'
        when 'unreachable' then 'UH'
        when 'ineligible' then 'NE'
    end
{%- endmacro %}

{#- A score on its declared scale, 0 to 100, turned round where the question is worded the other way. -#}
{% macro normalised_score(score, scale_min, scale_max, is_reversed) -%}
    case
        when {{ is_reversed }}
            then 100.0 * ({{ scale_max }} - {{ score }}) / nullif(cast({{ scale_max }} - {{ scale_min }} as {{ type_double() }}), 0)
        else 100.0 * ({{ score }} - {{ scale_min }}) / nullif(cast({{ scale_max }} - {{ scale_min }} as {{ type_double() }}), 0)
    end
{%- endmacro %}

{#- Promoters are good news, detractors bad. -#}
{% macro nps_sentiment(value) -%}
    case {{ value }} when 1 then 'positive' when 0 then 'neutral' when -1 then 'negative' end
{%- endmacro %}

{#-
    Quantile of Student's t beside the normal one, `z_score`, for the degrees of freedom given: Fisher and Cornish's
    expansion, within 0.01 of the table from four degrees on.
-#}
{% macro t_score(freedom) -%}
    {%- set z = var('z_score') | float -%}
    ({{ z }} + {{ (z ** 3 + z) / 4 }} / {{ freedom }}
        + {{ (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96 }} / power({{ freedom }}, 2)
        + {{ (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384 }} / power({{ freedom }}, 3))
{%- endmacro %}

{#-
    End of the interval of a mean on 0 to 100: `side` is '-' or '+', `deviation` the weighted standard deviation of the
    answers, n the effective sample size. Null where all say the same: without a spread nothing tells how sure it is; and
    where n is so small that the quantile above is not Student's.
-#}
{% macro mean_interval(side, mean, deviation, n) -%}
    case when {{ n }} >= {{ var('interval_minimum_effective_n') }} - {{ var('tolerance') }} and {{ deviation }} is not null then greatest(0.0, least(100.0,
        {{ mean }} {{ side }} {{ t_score('(' ~ n ~ ' - 1.0)') }} * {{ deviation }} / sqrt({{ n }} - 1.0)
    )) end
{%- endmacro %}

{#- Word for a score on 0 to 100 by the third of the scale it lies in; on a bound it is in the middle. -#}
{% macro by_third(score, low, middle, high) -%}
    case
        when {{ score }} > 200.0 / 3.0 then '{{ high }}'
        when {{ score }} < 100.0 / 3.0 then '{{ low }}'
        when {{ score }} is not null then '{{ middle }}'
    end
{%- endmacro %}
