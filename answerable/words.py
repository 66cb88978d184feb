"""Figures in words, wherever people read them: the summary of a run, the scorecards, the dashboard.

Belongs here: how numbers, dates and codes read, what an interval or a change means, why a figure is withheld.
Does not: where figures come from, how a page looks, the text of a single kind of page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

_WITHHELD = {
    "no_weight": "no answer weighs, because no role of those who answered is known at a client and has a weight",
    "few_responses": "too few answers to show",
    "few_accounts": "answers from too few accounts to show",
    "dominant_response": "not shown: one answer holds more than half of the weight",
    "low_role_coverage": "not shown: too little of the role weight answered",
    "complementary": "not shown, so that a withheld figure can't be worked out from it",
}
_WEIGHTINGS = {
    "value": "Roles are weighted as the programme says, accounts by their annual value.",
    "account": "Roles are weighted as the programme says, all accounts equally.",
    "none": "Every answer has the same weight.",
}
_CHANNELS = {
    "call": "call the client",
    "meeting": "meet the client",
    "email": "write to the client by e-mail",
    "letter": "write the client a letter",
    "hold": "hold all demands for payment",
}
_VERDICTS = {"improved": "Improved", "declined": "Declined"}


def points(value: float, sign: str = "") -> str:
    """Return points of a score as people read them: one decimal, a true minus sign; `sign` "+" shows a plus as well."""
    return f"{value:{sign}.1f}".replace("-", "−")


def signed(value: float) -> str:
    """Return points with their sign."""
    return points(value, "+")


def percent(share: float) -> str:
    """Return a share 0–1 as a whole percentage."""
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
    """Return a count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def period(grain: str, start: date, end: date) -> str:
    """Return the name of a period: 2026 Q3, Sep 2026, or the year to 30 Sep 2026."""
    if grain == "quarter":
        return f"{start.year} Q{(start.month + 2) // 3}"
    return f"{start:%b %Y}" if grain == "month" else f"year to {day(end - timedelta(days=1))}"


def weighting(code: str) -> str:
    """Return how answers are weighted."""
    return _WEIGHTINGS.get(code, "")


def withheld(reason: str | None) -> str:
    """Return why a figure is missing."""
    return _WITHHELD.get(reason or "", "no answers")


def interval(row: Mapping[str, Any]) -> str:
    """Return the two ends of a 95 % interval."""
    return f"{points(row['ci_low'])} … {points(row['ci_high'])}"


def meaning(row: Mapping[str, Any]) -> str:
    """Return what a score's interval says about promoters and detractors."""
    if row["ci_low"] > 0:
        return "More promoters than detractors, beyond chance."
    if row["ci_high"] < 0:
        return "More detractors than promoters, beyond chance."
    return "The interval includes 0: these answers don't show whether promoters or detractors prevail."


def verdict(row: Mapping[str, Any]) -> str:
    """Return the result of the test of a change."""
    return _VERDICTS.get(row["verdict"], "No detectable change")


def change(row: Mapping[str, Any] | None, before: str = "the previous quarter") -> str:
    """Return how a score moved since the previous period, whose name is `before`."""
    if row is None:
        return f"There is nothing to compare with in {before}."
    if row["suppressed_reason"]:
        return f"Change since {before}: {withheld(row['suppressed_reason'])}."
    if row["score_change"] is None:
        return f"There is no score to compare with in {before}."
    return f"{verdict(row)} since {before} ({points(row['previous_score'])}): {signed(row['score_change'])} points."


def faults(notice: Mapping[str, Any]) -> str:
    """Return why a notice is flagged."""
    found = []
    if notice["is_demand_before_due"]:
        found.append("demand before the due day")
    if notice["is_tone_mismatch"]:
        found.append("too hard for a client in good standing")
    return " and ".join(found)


def remedy(channel: str | None) -> str:
    """Return how to repair a flagged notice, by the channel that guidance recommends."""
    return _CHANNELS.get(channel or "", "look into it")
