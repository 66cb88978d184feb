{{ config(meta={'dagster': {'ref': {'name': 'rpt_team_contribution_lineage'}}}) }}
/*
What the teams add under either rule is the headline: every point of it is somebody's, or `unattributed`.
*/
{%- set keys = ['level', 'period_grain', 'period_start', 'weighting'] %}
with

teams as (

    select
        {{ keys | join(',\n        ') }},
        attribution_rule,
        sum(points) as points
    from {{ ref('rpt_team_contribution_lineage') }}
    group by
        {{ keys | join(',\n        ') }},
        attribution_rule

),

headlines as (

    select
        {{ keys | join(',\n        ') }},
        sum(points) as points
    from {{ ref('rpt_nps_lineage') }}
    group by
        {{ keys | join(',\n        ') }}

),

rules as (

    select 'owner' as attribution_rule

    union all

    select 'handler' as attribution_rule

),

compared as (

    select
        headlines.level,
        headlines.period_grain,
        headlines.period_start,
        headlines.weighting,
        rules.attribution_rule,
        headlines.points as headline_points,
        teams.points as team_points
    from headlines
    cross join rules
    left join teams
        on
            headlines.level = teams.level
            and headlines.period_grain = teams.period_grain
            and headlines.period_start = teams.period_start
            and headlines.weighting = teams.weighting
            and rules.attribution_rule = teams.attribution_rule

)

select
    *,
    coalesce(cast(team_points as varchar), '(nothing)') || ' instead of ' || cast(headline_points as varchar) || ': '
    || {{ named_values(keys + ['attribution_rule']) }} as issue
from compared
where not coalesce(abs(team_points - headline_points) <= {{ var('tolerance') }}, false)
