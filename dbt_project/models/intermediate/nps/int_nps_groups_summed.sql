{%- set splits = {'segment': 'segment', 'account_type': 'account_type', 'region': 'region', 'channel': 'channel'} -%}
/*
Grain    one row per survey level, period, split and group with a counted response
Measure  counts; per weighting value and account the part of the headline's weight that the responses hold, of its net
         score, and the sums by answer of the weights that score the group: those in the headline, for an account its
         own. share_ are the plain shares that speak for the group, which is its score without weighting
Nulls    none
*/
with

responses as (

    select
        weights.*,
        responses.account_id,
        responses.counted_account_id,
        responses.channel,
        responses.nps_value,
        coalesce(accounts.segment, 'unknown') as segment,
        coalesce(accounts.account_type, 'unknown') as account_type,
        coalesce(accounts.region, 'unknown') as region,
        case when weights.has_cell then 1.0 else 0.0 end as role_share
    from {{ ref('int_nps_responses_weighed') }} as weights
    inner join {{ ref('int_survey_responses_resolved') }} as responses on weights.response_id = responses.response_id
    left join {{ ref('int_accounts_resolved') }} as accounts on responses.account_id = accounts.account_id

),

role_responses as (

    select
        weights.*,
        responses.counted_account_id,
        responses.nps_value
    from {{ ref('int_nps_responses_grouped') }} as weights
    inner join {{ ref('int_survey_responses_resolved') }} as responses on weights.response_id = responses.response_id

)

{% for groups in ('of accounts', 'of account splits and channels', 'of roles') -%}
select
    level,
    period_key,
    {% if groups == 'of accounts' -%}
    'account' as split,
    account_id as group_id,
    {%- elif groups == 'of roles' -%}
    split,
    group_id,
    {%- else -%}
    {{ group_columns(splits) }},
    {%- endif %}
    count(*) as response_count,
    count(distinct counted_account_id) as account_count,
    cast(sum(case when has_cell then 1 else 0 end) as {{ type_double() }}) as cell_response_count,
    {%- for weighting in ('value', 'account') %}
    {{ stable_sum(weighting ~ '_weight') }} as {{ weighting }}_weight,
    {{ stable_sum(weighting ~ '_weight * nps_value') }} as {{ weighting }}_net_weight,
    {{ nps_sums(weighting, ('own' if groups == 'of accounts' else weighting) ~ '_weight') }},
    {%- endfor %}
    {{ nps_sums('share', 'role_share') }}
{%- if groups == 'of roles' %}
from role_responses
{%- else %}
from responses
{%- endif %}
{% if groups == 'of account splits and channels' -%}
{{ group_sets(['level', 'period_key'], splits) }}
{%- else -%}
group by
    level,
    period_key,
    {{ 'account_id' if groups == 'of accounts' else 'split,\n    group_id' }}
{%- endif %}
{% if not loop.last %}
union all

{% endif %}
{%- endfor %}
