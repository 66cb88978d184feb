"""The sentences that only scorecards have.

Belongs here: how far a case is, where a change comes from, which one step is next.
Does not: how a number reads on any page (`answerable.words`), where figures come from (`figures`), how they look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from answerable import words
from answerable.scorecards.figures import Figures, Row, TeamFigures
from answerable.words import counted, day, money, percent, plain, points, remedy, signed

RULE = (
    "The next step follows a fixed order: overdue follow-ups, then flagged notices, then stages over target, then the "
    "measure with the lowest score."
)


def period(found: Figures) -> str:
    """Return the quarter and its days, and whether it was still running when the version was published."""
    last = found.period_end - timedelta(days=1)
    quarter = words.period("quarter", found.period_start, found.period_end)
    so_far = ", which is not over yet" if found.published_on < found.period_end else ""
    return f"{quarter} ({day(found.period_start)} to {day(last)}{so_far})"


def change_of_contribution(row: Row | None) -> str | None:
    """Return where the change of a team's contribution comes from, None if that is not known."""
    if row is None or row["change"] is None:
        return None
    if row["entry"] or row["exit"]:
        reason = "it had none in the previous quarter" if row["entry"] else "it has none in this quarter"
        return f"Its contribution changed by {signed(row['change'])} points: {reason}."
    return (
        f"Its contribution changed by {signed(row['change'])} points: performance effect {signed(row['performance'])} "
        f"(its score changed), mix effect {signed(row['mix'])} (its weight share changed)."
    )


def scope(row: Row) -> str:
    """Return for which clients a team owns a touchpoint."""
    if not row["is_for_all"]:
        return plain(row["scopes"])
    return "all other clients" if row["is_shared"] else "all clients"


def state(row: Row) -> str:
    """Return how far a follow-up is."""
    if row["is_overdue"]:
        return "overdue, not started"
    return "started, not closed" if row["is_opened"] else "not started"


def next_step(team: TeamFigures) -> str:
    """Return the one thing to do next, by `RULE`."""
    if overdue := [case for case in team.follow_ups if case["is_overdue"]]:
        return _overdue(overdue)
    if team.notices:
        return _notice(team.notices)
    if team.stages:
        return _stage(team.stages)
    row = team.scorecard
    if row and row["lowest_measure"] is not None:
        return (
            f"Work on “{row['lowest_measure_name']}”: {points(row['lowest_measure_score'])} of 100, "
            "the lowest score of all its measures."
        )
    return "Nothing is overdue, flagged or over target: keep it that way."


def company_step(found: Figures) -> str:
    """Return the one thing for the company to do next, by `RULE`, and which team is to do it."""
    for kind, say in (("follow_ups", _overdue), ("notices", _notice), ("stages", _stage)):
        holders = [
            (team.team_name, [case for case in getattr(team, kind) if case.get("is_overdue", True)])
            for team in found.teams
        ]
        name, cases = max(holders, key=lambda holder: len(holder[1]), default=("", []))
        if cases:
            return f"{name}: {say(cases)}"
    if found.unowned:
        return f"Name an owner for “{found.unowned[0]['touchpoint_name']}”: no team owns it."
    return "Nothing is overdue, flagged or over target: keep it that way."


def _overdue(cases: Sequence[Row]) -> str:
    first, more = cases[0], len(cases) - 1
    rest = f"; then the {more} other overdue ones" if more > 1 else "; then the other overdue one" if more else ""
    return (
        f"Call {first['account_name']} about answer {first['response_id']} of {day(first['answered_on'])}, "
        f"which nobody has followed up{rest}."
    )


def _notice(notices: Sequence[Row]) -> str:
    first = notices[0]
    return f"Repair notice {first['notice_id']} to {first['account_name']}: {remedy(first['recommended_channel'])}."


def _stage(stages: Sequence[Row]) -> str:
    first = stages[0]
    return (
        f"Find out why {first['over_target_count']:,} of {first['targeted_count']:,} visits to "
        f"“{plain(first['stage'])}” ({plain(first['journey'])}) took longer than the target."
    )


FILTERS: dict[str, Callable[..., Any]] = {
    "points": points,
    "signed": signed,
    "percent": percent,
    "money": money,
    "day": day,
    "plain": plain,
    "counted": counted,
}
