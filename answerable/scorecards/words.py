"""Figures of the scorecards in words.

Belongs here: how numbers, dates and codes read, what an interval or a change means, which one step is next.
Does not: where figures come from (`figures`), how they look (`templates/`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from answerable.scorecards.figures import Figures, Row, TeamFigures
from answerable.summary import points

_WITHHELD = {
    "few_responses": "too few answers to show",
    "few_accounts": "answers from too few accounts to show",
    "dominant_response": "not shown: one answer holds more than half of the weight",
    "low_role_coverage": "not shown: too few of the roles were heard",
    "complementary": "not shown, so that another figure can't be worked out from it",
}
_WEIGHTINGS = {
    "value": "Roles weigh as the programme says, accounts by their annual value.",
    "account": "Roles weigh as the programme says, every account alike.",
    "none": "Every answer weighs alike.",
}
_CHANNELS = {
    "call": "call the client",
    "meeting": "meet the client",
    "email": "write to the client by e-mail",
    "letter": "write the client a letter",
    "hold": "hold all demands",
}
RULE = (
    "The next step follows a fixed order: follow-ups that are overdue, then flagged notices, then stages over target, "
    "then the measure that clients judged lowest."
)


def withheld(reason: str | None) -> str:
    """Return why a figure is not there."""
    return _WITHHELD.get(reason or "", "no answers")


def signed(value: float) -> str:
    """Return points with their sign."""
    return points(value, "+")


def percent(share: float) -> str:
    """Return a share 0–1 as whole per cent."""
    return f"{100 * share:.0f} %"


def money(value: Decimal, currency: str | None) -> str:
    """Return an amount in whole units."""
    return f"{currency or ''} {value:,.0f}".strip()


def day(value: date) -> str:
    """Return a day: 3 Sep 2026."""
    return f"{value.day} {value:%b %Y}"


def plain(code: str | None) -> str:
    """Return a code of the programme as words."""
    return (code or "").replace("_", " ")


def counted(count: int, noun: str) -> str:
    """Return how many of something."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def period(found: Figures) -> str:
    """Return the quarter and its days; a quarter that went on when the version was published says so."""
    last = found.period_end - timedelta(days=1)
    quarter = f"{found.period_start.year} Q{(found.period_start.month + 2) // 3}"
    so_far = ", which is not over yet" if found.published_on < found.period_end else ""
    return f"{quarter} ({day(found.period_start)} to {day(last)}{so_far})"


def weighting(found: Figures) -> str:
    """Return whose voice counts how much."""
    return _WEIGHTINGS.get(found.weighting, "")


def interval(row: Row) -> str:
    """Return the two ends of a 95 % interval."""
    return f"{points(row['ci_low'])} … {points(row['ci_high'])}"


def meaning(row: Row) -> str:
    """Return what a score's interval says of promoters and detractors."""
    if row["ci_low"] > 0:
        return "Promoters outweigh detractors, by more than chance explains."
    if row["ci_high"] < 0:
        return "Detractors outweigh promoters, by more than chance explains."
    return "Zero lies within the interval: whether promoters or detractors prevail can't be said from these answers."


def change(row: Row | None) -> str:
    """Return how a score moved since the quarter before."""
    if row is None:
        return "There is no quarter before to compare with."
    if row["suppressed_reason"]:
        return f"The change since the quarter before: {withheld(row['suppressed_reason'])}."
    if row["score_change"] is None:
        return "There is no score of the quarter before to compare with."
    verdict = {"improved": "Improved", "declined": "Declined"}.get(row["verdict"], "No detectable change")
    return (
        f"{verdict} since the quarter before: {points(row['previous_score'])} then, "
        f"{signed(row['score_change'])} points."
    )


def change_of_contribution(row: Row | None) -> str | None:
    """Return where a team's part of the headline's change comes from, None where that is not known."""
    if row is None or row["change"] is None:
        return None
    if row["entry"] or row["exit"]:
        return f"Its part of the headline changed by {signed(row['change'])} points: it had no part in it before."
    return (
        f"Its part of the headline changed by {signed(row['change'])} points: {signed(row['performance'])} because "
        f"clients judged it differently, {signed(row['mix'])} because it had a larger or smaller part in the answers."
    )


def scope(row: Row) -> str:
    """Return for which clients a team answers for a touchpoint."""
    if not row["is_for_all"]:
        return plain(row["scopes"])
    return "all other clients" if row["is_shared"] else "all clients"


def state(row: Row) -> str:
    """Return how far a follow-up is."""
    if row["is_overdue"]:
        return "overdue: nobody has taken it up"
    return "taken up, not closed" if row["is_opened"] else "to be taken up"


def faults(row: Row) -> str:
    """Return why a notice is flagged."""
    found = []
    if row["is_demand_before_due"]:
        found.append("demanded payment before it was due")
    if row["is_tone_mismatch"]:
        found.append("harsh to a client who pays on time")
    return " and ".join(found)


def remedy(row: Row) -> str:
    """Return how guidance says to repair a flagged notice."""
    return _CHANNELS.get(row["recommended_channel"], "look into it")


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
            "the lowest of the measures that clients judged."
        )
    return "Nothing is overdue, flagged or over target: keep it so."


def company_step(found: Figures) -> str:
    """Return the one thing for the company to do next, by `RULE`, and whose it is."""
    for kind, say in (("follow_ups", _overdue), ("notices", _notice), ("stages", _stage)):
        holders = [
            (team.team_name, [case for case in getattr(team, kind) if case.get("is_overdue", True)])
            for team in found.teams
        ]
        name, cases = max(holders, key=lambda holder: len(holder[1]), default=("", []))
        if cases:
            return f"{name}: {say(cases)}"
    if found.unowned:
        return f"Name an owner for “{found.unowned[0]['touchpoint_name']}”: nobody answers for it."
    return "Nothing is overdue, flagged or over target: keep it so."


def _overdue(cases: Sequence[Row]) -> str:
    first, more = cases[0], len(cases) - 1
    rest = f"; then the {more} other overdue ones" if more > 1 else "; then the other overdue one" if more else ""
    return (
        f"Call {first['account_name']} about answer {first['response_id']} of {day(first['answered_on'])}, "
        f"which nobody has taken up{rest}."
    )


def _notice(notices: Sequence[Row]) -> str:
    first = notices[0]
    return f"Repair notice {first['notice_id']} to {first['account_name']}: {remedy(first)}."


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
