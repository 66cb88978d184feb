"""Figures in words, wherever people read them: the summary of a run, the scorecards, the dashboard.

Belongs here: how numbers, dates and codes read, what an interval or a change means, why a figure is withheld.
Does not: where figures come from, how a page looks, what only one kind of page says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

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
_VERDICTS = {"improved": "Improved", "declined": "Declined"}


def points(value: float, sign: str = "") -> str:
    """Return points of a score as people read them: one decimal, a real minus; `sign` "+" shows a plus as well."""
    return f"{value:{sign}.1f}".replace("-", "−")


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


def period(grain: str, start: date, end: date) -> str:
    """Return what a period is called: 2026 Q3, Sep 2026, or the year to 30 Sep 2026."""
    if grain == "quarter":
        return f"{start.year} Q{(start.month + 2) // 3}"
    return f"{start:%b %Y}" if grain == "month" else f"year to {day(end - timedelta(days=1))}"


def weighting(code: str) -> str:
    """Return whose voice counts how much."""
    return _WEIGHTINGS.get(code, "")


def withheld(reason: str | None) -> str:
    """Return why a figure is not there."""
    return _WITHHELD.get(reason or "", "no answers")


def interval(row: Mapping[str, Any]) -> str:
    """Return the two ends of a 95 % interval."""
    return f"{points(row['ci_low'])} … {points(row['ci_high'])}"


def meaning(row: Mapping[str, Any]) -> str:
    """Return what a score's interval says of promoters and detractors."""
    if row["ci_low"] > 0:
        return "Promoters outweigh detractors, by more than chance explains."
    if row["ci_high"] < 0:
        return "Detractors outweigh promoters, by more than chance explains."
    return "Zero lies within the interval: whether promoters or detractors prevail can't be said from these answers."


def verdict(row: Mapping[str, Any]) -> str:
    """Return what the test says of a change."""
    return _VERDICTS.get(row["verdict"], "No detectable change")


def change(row: Mapping[str, Any] | None, before: str = "the quarter before") -> str:
    """Return how a score moved since the period before, which is called `before`."""
    if row is None:
        return f"There is nothing of {before} to compare with."
    if row["suppressed_reason"]:
        return f"The change since {before}: {withheld(row['suppressed_reason'])}."
    if row["score_change"] is None:
        return f"There is no score of {before} to compare with."
    return f"{verdict(row)} since {before}: {points(row['previous_score'])} then, {signed(row['score_change'])} points."


def faults(notice: Mapping[str, Any]) -> str:
    """Return why a notice is flagged."""
    found = []
    if notice["is_demand_before_due"]:
        found.append("demanded payment before it was due")
    if notice["is_tone_mismatch"]:
        found.append("harsh to a client who pays on time")
    return " and ".join(found)


def remedy(channel: str | None) -> str:
    """Return how guidance says to repair a flagged notice, by the channel it recommends."""
    return _CHANNELS.get(channel or "", "look into it")
