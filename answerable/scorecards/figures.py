"""What the scorecards show, read from one published version.

Belongs here: the queries, and which rows belong to which page.
Does not: compute figures; it only adds up counts and money that the marts hold by row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from answerable.published import PlainScore, headline, open_published, plain_score

Row = Mapping[str, Any]

_TEAMS = """
    select team_id, team_name from marts.dim_team
    where is_in_programme
        or (team_id not in ('unattributed', 'unknown') and team_id in (
            select team_id from marts.rpt_team_contribution
            where level = $level and period_grain = 'quarter' and period_start = $first_day
        ))
    order by team_name, team_id
"""
_HEADLINE = """
    select * from marts.rpt_nps
    where is_headline and level = $level and period_grain = 'quarter' and period_start = $first_day
"""
_CONTRIBUTIONS = """
    select contributions.*, coalesce(teams.team_name, contributions.team_id) as team_name
    from marts.rpt_team_contribution as contributions
    left join marts.dim_team as teams using (team_id)
    where contributions.level = $level and contributions.period_grain = 'quarter'
        and contributions.period_start = $first_day and contributions.weighting = $weighting
        and contributions.attribution_rule = 'owner'
    order by abs(contributions.contribution) desc nulls last, contributions.team_id
"""
_CHANGES = """
    select * from marts.rpt_nps_change
    where level = $level and period_grain = 'quarter' and period_start = $first_day and weighting = $weighting
        and (split = 'total' or (split = 'team' and attribution_rule = 'owner'))
"""
_SCORECARDS = """
    select scorecards.*, coalesce(measures.measure_name, scorecards.lowest_measure) as lowest_measure_name
    from marts.rpt_team_scorecard as scorecards
    left join marts.dim_measure as measures on scorecards.lowest_measure = measures.measure
    where scorecards.period_grain = 'quarter' and scorecards.period_start = $first_day
"""
_TOUCHPOINTS = """
    select owners.team_id, touchpoints.touchpoint_name, touchpoints.journey, touchpoints.stage,
        string_agg(distinct concat_ws(', ', nullif(owners.account_type, '*'), nullif(owners.region, '*')), '; ')
            filter (owners.account_type <> '*' or owners.region <> '*') as scopes,
        bool_or(owners.account_type = '*' and owners.region = '*') as is_for_all,
        exists(
            select 1 from marts.bridge_touchpoint_owner as others
            where others.touchpoint = owners.touchpoint and others.team_id <> owners.team_id
                and others.valid_from < $next_day and coalesce(others.valid_to >= $next_day, true)
        ) as is_shared
    from marts.bridge_touchpoint_owner as owners
    inner join marts.dim_touchpoint as touchpoints using (touchpoint)
    where owners.valid_from < $next_day and coalesce(owners.valid_to >= $next_day, true)
    group by owners.team_id, owners.touchpoint, touchpoints.touchpoint_name, touchpoints.journey, touchpoints.stage
    order by touchpoints.journey, any_value(touchpoints.stage_order), touchpoints.touchpoint_name
"""
_STAGES = """
    select accountable_team_id as team_id, journey, stage, count(*) as visit_count,
        count(*) filter (is_over_target) as over_target_count,
        count(is_over_target) as targeted_count, any_value(target_seconds) / 86400 as target_days
    from marts.fct_journey_stage
    where entered_at >= $starts_at and entered_at < $ends_at
    group by all
    having count(*) filter (is_over_target) > 0
    order by over_target_count desc, journey, stage
"""
_NOTICES = """
    select notices.team_id, notices.notice_id, notices.sent_on, notices.tone, notices.days_past_due,
        notices.is_demand_before_due, notices.is_tone_mismatch, notices.recommended_channel,
        notices.recommended_reason, coalesce(accounts.account_name, notices.account_id) as account_name
    from marts.fct_billing_notice as notices
    left join marts.dim_account as accounts using (account_id)
    where notices.is_flagged and notices.sent_at >= $starts_at and notices.sent_at < $ends_at
    order by notices.sent_at desc, notices.notice_id
"""
_FOLLOW_UPS = """
    select deliveries.team_id, deliveries.response_id, (deliveries.answered_at at time zone 'UTC')::date as answered_on,
        deliveries.is_overdue, deliveries.followed_up_at is not null as is_opened,
        coalesce(accounts.account_name, responses.account_id) as account_name
    from marts.fct_feedback_delivery as deliveries
    left join marts.fct_survey_response as responses using (response_id)
    left join marts.dim_account as accounts using (account_id)
    where deliveries.is_follow_up_due and deliveries.closed_at is null
        and deliveries.answered_at >= $starts_at and deliveries.answered_at < $ends_at
    order by deliveries.is_overdue desc, deliveries.answered_at, deliveries.response_id
"""
_REACH = """
    select * from marts.rpt_response_rate
    where level = $level and period_grain = 'quarter' and period_start = $first_day and split = 'total'
"""
_CONDUCT = """
    select count(*) as sent_count, count(*) filter (is_flagged) as flagged_count,
        count(*) filter (is_demand_before_due) as early_count, count(*) filter (is_tone_mismatch) as harsh_count
    from marts.fct_billing_notice where sent_at >= $starts_at and sent_at < $ends_at
"""
_UNOWNED = """
    select coalesce(touchpoints.touchpoint_name, gaps.touchpoint) as touchpoint_name,
        min(gaps.valid_from) as since, bool_or(gaps.valid_to is null) as is_open, max(gaps.valid_to) as until,
        sum(gaps.interaction_count)::bigint as interaction_count
    from marts.rpt_ownership_coverage as gaps
    left join marts.dim_touchpoint as touchpoints using (touchpoint)
    where not gaps.is_owned
    group by gaps.touchpoint, touchpoints.touchpoint_name
    order by interaction_count desc, gaps.touchpoint
"""
_AT_RISK = """
    select account_id, account_name, risk_signals, score, renewal_on, annual_value, value_at_risk, currency,
        reporting_currency
    from marts.rpt_account_health
    where risk_level > 0 and value_at_risk is not null
    order by value_at_risk desc, account_id
"""
_AT_RISK_SUMS = """
    select reporting_currency as currency, sum(value_at_risk) as value_at_risk, count(*) as account_count
    from marts.rpt_account_health
    where risk_level > 0 and value_at_risk is not null
    group by reporting_currency order by value_at_risk desc, reporting_currency
"""
_PUBLICATION = "select (published_at at time zone 'UTC')::date as published_on from marts.publication where version = ?"


@dataclass(frozen=True)
class TeamFigures:
    """Everything a team's page shows. `contribution`, `change` and `scorecard` are rows of the marts, or None."""

    team_id: str
    team_name: str
    contribution: Row | None
    change: Row | None
    scorecard: Row | None
    touchpoints: Sequence[Row]
    stages: Sequence[Row]
    notices: Sequence[Row]
    follow_ups: Sequence[Row]


@dataclass(frozen=True)
class Figures:
    """Everything the pages of a version show, for the quarter that `answerable run` prints: the latest with a headline.

    `headline` is None before any quarter has one; the quarter is then the latest known one, and `plain` the score
    without weighting if answers are there, but none weighs.
    """

    version: str
    published_on: date
    level: str
    weighting: str
    period_start: date
    period_end: date
    headline: Row | None
    plain: PlainScore | None
    change: Row | None
    contributions: Sequence[Row]
    team_changes: Mapping[str, Row]
    reach: Row | None
    conduct: Row
    unowned: Sequence[Row]
    at_risk: Sequence[Row]
    at_risk_sums: Sequence[Row]
    teams: Sequence[TeamFigures]

    @property
    def team_names(self) -> Mapping[str, str]:
        """The names of the teams that contribute, by id."""
        return {row["team_id"]: row["team_name"] for row in self.contributions}


def read(database: Path, version: str) -> Figures:
    """Read what the pages of a version show. Raises duckdb.Error if the file is not a published version."""
    shown = headline(database)
    with closing(open_published(database)) as connection:
        published = _rows(connection, _PUBLICATION, [version])
        level, weighting = (shown.level, shown.weighting) if shown else ("relationship", "value")
        published_on = published[0]["published_on"] if published else date.today()
        start = shown.period_start if shown else _latest_quarter(connection) or _quarter_of(published_on)
        end = date(start.year + start.month // 10, start.month % 12 + 3 if start.month < 10 else 1, 1)
        period = {
            "level": level,
            "weighting": weighting,
            "first_day": start,
            "next_day": end,
            "starts_at": f"{start} 00:00:00+00",
            "ends_at": f"{end} 00:00:00+00",
        }

        def query(sql: str) -> list[Row]:
            return _rows(connection, sql, {name: value for name, value in period.items() if f"${name}" in sql})

        contributions = query(_CONTRIBUTIONS) if shown else []
        changes = query(_CHANGES) if shown else []
        team_changes = {row["group_id"]: row for row in changes if row["split"] == "team"}
        by_team = {row["team_id"]: row for row in contributions}
        scorecards = {row["team_id"]: row for row in query(_SCORECARDS)}
        touchpoints, stages, notices, follow_ups = (
            _by_team(query(sql)) for sql in (_TOUCHPOINTS, _STAGES, _NOTICES, _FOLLOW_UPS)
        )
        teams = [
            TeamFigures(
                row["team_id"],
                row["team_name"],
                by_team.get(row["team_id"]),
                team_changes.get(row["team_id"]),
                scorecards.get(row["team_id"]),
                touchpoints[row["team_id"]],
                stages[row["team_id"]],
                notices[row["team_id"]],
                follow_ups[row["team_id"]],
            )
            for row in query(_TEAMS)
        ]
        return Figures(
            version,
            published_on,
            level,
            weighting,
            start,
            end,
            _first(query(_HEADLINE)) if shown else None,
            None if shown else plain_score(database),
            _first([row for row in changes if row["split"] == "total"]),
            contributions,
            team_changes,
            _first(query(_REACH)),
            query(_CONDUCT)[0],
            query(_UNOWNED),
            query(_AT_RISK),
            query(_AT_RISK_SUMS),
            teams,
        )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Any) -> list[Row]:
    found = connection.execute(sql, parameters)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _first(rows: Sequence[Row]) -> Row | None:
    return rows[0] if rows else None


def _by_team(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    found = defaultdict(list)
    for row in rows:
        found[row["team_id"]].append(row)
    return found


def _latest_quarter(connection: duckdb.DuckDBPyConnection) -> date | None:
    sql = "select max(period_start) as latest from marts.rpt_team_scorecard where period_grain = 'quarter'"
    latest: date | None = _rows(connection, sql, [])[0]["latest"]
    return latest


def _quarter_of(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
