{%- set splits = splits_of('rpt_response_rate') -%}
{%- set counts = ['invited'] + aapor_counts() | list + ['fatigue_breach_count', 'late_count'] -%}
{%- set keys = ['level', 'period_key', 'split', 'group_id'] -%}
/*
Grain    one row per survey level, period, split and group with an invitation sent or a counted response in the period
Measure  who was asked and answered, how much of the clients' voice that covers, and by channel the score with and
         without the difference in whom the channels reach
Nulls    rates without a denominator; coverages of channels, and where the group has no client in the frame; scores
         of the other splits, and where they are suppressed
*/
with

invitations as (

    select * from {{ ref('fct_survey_invitation') }}

),

accounts as (

    select * from {{ ref('int_accounts__groups') }}

),

periods as (

    select * from {{ ref('int_reach__periods') }}

),

scores as (

    select
        *,
        {{ period_key() }} as period_key
    from {{ ref('rpt_nps') }}
    where
        weighting = '{{ var("headline_weighting") }}'
        and split in ('{{ splits | join("', '") }}')

),

frames as (

    select * from {{ ref('int_reach__frame_groups') }}

),

standardised as (

    select
        *,
        'channel' as split
    from {{ ref('int_reach__standardised_scores') }}

),

placed as (

    select
        invitations.level,
        {{ day_of('invitations.sent_at') }} as sent_on,
        'total' as total,
        invitations.channel,
        invitations.role,
        {{ account_attributes_of('accounts') }},
        1 as invited,
        {% for count, code in aapor_counts().items() -%}
        case when invitations.aapor_code = '{{ code }}' then 1 else 0 end as {{ count }},
        {% endfor -%}
        case when invitations.is_fatigue_breach then 1 else 0 end as fatigue_breach_count,
        case when invitations.hours_after_interaction > {{ var('late_after_hours') }} then 1 else 0 end as late_count
    from invitations
    left join accounts on invitations.account_id = accounts.account_id
    where invitations.level is not null

),

asked as (

    {{ sums_by_period_and_split('placed', 'sent_on', 'periods', ['level'], splits, counts) }}

),

-- those who answered without being asked as well
groups as (

    {% for side in ('asked', 'scores') -%}
    select {{ keys | join(', ') }} from {{ side }}
    {% if not loop.last %}
    union

    {% endif %}
    {%- endfor %}

),

reached as (

    select
        groups.*,
        {% for count in counts -%}
        coalesce(asked.{{ count }}, 0) as {{ count }},
        {% endfor -%}
        -- nobody answered: what there was to cover is not covered
        case
            when scores.group_id is not null then scores.role_coverage
            when frames.has_contacts then 0
        end as role_coverage,
        case
            when scores.group_id is not null then scores.value_coverage
            when frames.has_value then 0
        end as value_coverage,
        case when groups.split = 'channel' then scores.score end as raw_score,
        standardised.standardised_score,
        case
            when groups.split <> 'channel' then null
            when scores.suppressed_reason is not null then scores.suppressed_reason
            else {{ dominance_reason('standardised.max_weight_share') }}
        end as suppressed_reason
    from groups
    left join asked on {{ same('groups', 'asked', keys) }}
    left join scores on {{ same('groups', 'scores', keys) }}
    left join frames on {{ same('groups', 'frames', ['period_key', 'split', 'group_id']) }}
    left join standardised on {{ same('groups', 'standardised', keys) }}

)

select
    reached.level,
    periods.period_grain,
    periods.period_start,
    periods.period_end,
    reached.split,
    reached.group_id,
    {% for count in counts -%}
    reached.{{ count }},
    {% endfor -%}
    {{ response_rate('completed_count') }} as rr1,
    {{ response_rate('completed_count + partial_count') }} as rr2,
    {{ response_rate_3() }} as rr3,
    {{ response_rate_5() }} as rr5,
    cast(reached.role_coverage as {{ type_double() }}) as role_coverage,
    reached.value_coverage,
    reached.raw_score,
    {{ unless_suppressed('reached.standardised_score') }} as standardised_score,
    reached.suppressed_reason
from reached
inner join periods on reached.period_key = periods.period_key
