{%- set events = [
    {'fact': ref('fct_journey_stage'), 'team': 'accountable_team_id', 'at': 'entered_at', 'counts': {
        'stage_visits': 'count(*)',
        'targeted_count': 'count(is_over_target)',
        'over_target_count': 'sum(case when is_over_target then 1 else 0 end)',
    }},
    {'fact': ref('fct_handoff'), 'team': 'from_team_id', 'at': 'handed_at', 'counts': {
        'handoffs_given_count': 'count(*)',
    }},
    {'fact': ref('fct_handoff'), 'team': 'to_team_id', 'at': 'handed_at', 'counts': {
        'handoffs_received_count': 'count(*)',
        'handoffs_returned_count': 'sum(case when is_return then 1 else 0 end)',
    }},
    {'fact': ref('fct_billing_notice'), 'team': 'team_id', 'at': 'sent_at', 'counts': {
        'notices_sent_count': 'count(*)',
        'flagged_notice_count': 'sum(case when is_flagged then 1 else 0 end)',
    }},
] -%}
{%- set counts = [
    'stage_visits', 'targeted_count', 'over_target_count', 'handoffs_given_count', 'handoffs_received_count',
    'handoffs_returned_count', 'notices_sent_count', 'flagged_notice_count',
] -%}
/*
Grain    one row per period and team
Measure  what a team answers for, side by side: points of the headline, how its touchpoints are judged, its stages,
         handoffs, notices and follow-ups
Nulls    scores without answers or suppressed; over_target_share without a target; hours without a closed follow-up
*/
with

teams as (

    select * from {{ ref('dim_team') }}

),

periods as (

    select * from {{ ref('int_periods__listed') }}

),

period_days as (

    select * from {{ ref('int_periods__days') }}

),

contributions as (

    select
        *,
        {{ period_key() }} as period_key
    from {{ ref('rpt_team_contribution') }}
    where level = 'relationship' and weighting = '{{ var("headline_weighting") }}' and attribution_rule = 'owner'

),

latencies as (

    select
        *,
        {{ period_key() }} as period_key
    from {{ ref('rpt_feedback_latency') }}

),

scores as (

    select * from {{ ref('int_feedback__scores_by_team') }}

),

measures as (

    select
        *,
        row_number() over (partition by period_key, team_id order by score, subject) as lowest_first
    from scores
    where kind = 'measure' and score is not null

),

measure_means as (

    select
        period_key,
        team_id,
        {{ stable_sum('score') }} / count(*) as score
    from measures
    group by
        period_key,
        team_id

),

-- what happened to a team on a day, one row a kind: visits to stages it answers for, handoffs it gave and received
events as (

    {% for event in events -%}
    select
        {{ event.team }} as team_id,
        {{ day_of(event.at) }} as happened_on,
        {% for count in counts -%}
        {{ event.counts.get(count, 0) }} as {{ count }}
        {%- if not loop.last %},
        {% endif %}
        {%- endfor %}
    from {{ event.fact }}
    group by
        {{ event.team }},
        {{ day_of(event.at) }}
    {% if not loop.last %}
    union all

    {% endif %}
    {%- endfor %}

),

counted as (

    select
        period_days.period_key,
        {% for count in counts -%}
        cast(sum(events.{{ count }}) as bigint) as {{ count }},
        {% endfor -%}
        events.team_id
    from events
    inner join period_days on events.happened_on = period_days.day
    group by
        period_days.period_key,
        events.team_id

)

select
    periods.period_grain,
    periods.period_start,
    periods.period_end,
    teams.team_id,
    coalesce(contributions.weight_share, 0) as weight_share,
    contributions.contribution,
    coalesce(contributions.response_count, 0) as response_count,
    contributions.suppressed_reason,
    {% for metric in ('csat', 'ces') -%}
    {{ metric }}.score as touchpoint_{{ metric }},
    coalesce({{ metric }}.response_count, 0) as touchpoint_{{ metric }}_response_count,
    {{ metric }}.suppressed_reason as touchpoint_{{ metric }}_suppressed_reason,
    {% endfor -%}
    measure_means.score as measure_score,
    measures.subject as lowest_measure,
    measures.score as lowest_measure_score,
    {% for count in counts if count != 'targeted_count' -%}
    coalesce(counted.{{ count }}, 0) as {{ count }},
    {% endfor -%}
    counted.over_target_count / nullif(cast(counted.targeted_count as {{ type_double() }}), 0) as over_target_share,
    coalesce(latencies.due_count, 0) as follow_ups_due_count,
    coalesce(latencies.breach_count, 0) as follow_ups_late_count,
    latencies.closed_p95_hours as p95_hours_to_close
from periods
cross join teams
left join counted on periods.period_key = counted.period_key and teams.team_id = counted.team_id
left join contributions on periods.period_key = contributions.period_key and teams.team_id = contributions.team_id
left join latencies on periods.period_key = latencies.period_key and teams.team_id = latencies.team_id
left join measures
    on
        periods.period_key = measures.period_key
        and teams.team_id = measures.team_id
        and measures.lowest_first = 1
left join measure_means on periods.period_key = measure_means.period_key and teams.team_id = measure_means.team_id
{% for metric in ('csat', 'ces') -%}
left join scores as {{ metric }}
    on
        periods.period_key = {{ metric }}.period_key
        and teams.team_id = {{ metric }}.team_id
        and {{ metric }}.kind = 'metric'
        and {{ metric }}.subject = '{{ metric }}'
{% endfor %}
where teams.team_id <> 'unknown'
