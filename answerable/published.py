"""The published version, as whatever shows or sends it reads it.

Belongs here: which version serves, opening it, the headline that every page agrees on.
Does not: writing a version (`orchestration.publishing`), what one page alone reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from answerable.settings import CURRENT

_HEADLINE = """
    select level, period_start, period_end, weighting, score, ci_low, ci_high, response_count
    from marts.rpt_nps
    where is_headline and period_grain = 'quarter' and score is not null
    order by list_position(['relationship', 'experience', 'touchpoint'], level), period_start desc
    limit 1
"""
_PLAIN = """
    select level, period_start, period_end, plain.score, plain.ci_low, plain.ci_high, plain.response_count
    from marts.rpt_nps as headlines
    inner join marts.rpt_nps as plain using (level, period_grain, period_start, period_end, split, group_id)
    where headlines.is_headline and headlines.suppressed_reason = 'no_weight' and plain.weighting = 'none'
        and period_grain = 'quarter' and plain.score is not null
    order by list_position(['relationship', 'experience', 'touchpoint'], level), period_start desc
    limit 1
"""
_TEAMS = """
    select coalesce(teams.team_name, contributions.team_id), contributions.contribution
    from marts.rpt_team_contribution as contributions
    left join marts.dim_team as teams using (team_id)
    where contributions.level = ? and contributions.period_grain = 'quarter' and contributions.period_start = ?
        and contributions.weighting = ? and contributions.attribution_rule = 'owner'
    order by abs(contributions.contribution) desc nulls last, contributions.team_id
"""


@dataclass(frozen=True)
class Headline:
    """The headline of the latest quarter that has one, in points, with its interval.

    `teams` gives the points each owning team contributes, the most first, None for a team with too few answers to show.
    """

    level: str
    period_start: date
    period_end: date
    weighting: str
    score: float
    ci_low: float
    ci_high: float
    response_count: int
    teams: Mapping[str, float | None]


@dataclass(frozen=True)
class PlainScore:
    """The score of the latest quarter in which people answered and no answer weighs: each counts the same."""

    level: str
    period_start: date
    period_end: date
    score: float
    ci_low: float
    ci_high: float
    response_count: int


def current_version(published: Path) -> str | None:
    """Return the name of the version that `published/current` serves, None before the first publication."""
    link = published / CURRENT
    return link.readlink().name if link.is_symlink() and link.exists() else None


def open_published(database: Path) -> duckdb.DuckDBPyConnection:
    """Open a published version for reading, and for nothing else."""
    return duckdb.connect(
        str(database), read_only=True, config={"enable_external_access": "false", "lock_configuration": "true"}
    )


def headline(database: Path) -> Headline | None:
    """Return the headline of a published version, None before any quarter has one."""
    with closing(open_published(database)) as connection, suppress(duckdb.CatalogException):
        if row := connection.execute(_HEADLINE).fetchone():
            level, period_start, period_end, weighting, score, ci_low, ci_high, response_count = row
            teams = dict(connection.execute(_TEAMS, [level, period_start, weighting]).fetchall())
            return Headline(level, period_start, period_end, weighting, score, ci_low, ci_high, response_count, teams)
    return None


def plain_score(database: Path) -> PlainScore | None:
    """Return the score that a published version shows where nothing weighs, None where something does."""
    with closing(open_published(database)) as connection, suppress(duckdb.CatalogException):
        if row := connection.execute(_PLAIN).fetchone():
            return PlainScore(*row)
    return None
