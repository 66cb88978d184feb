"""Who was asked and who answered: response rates, coverage, and scores by channel with the roles mixed alike.

Belongs here: the response rates of methods 6. Does not: fatigue, which needs the outreach policy; whom to ask next.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

from .journeys import valid_role
from .nps import rpt_nps
from .records import Record, World, day_of
from .weights import LEVELS, ZERO, Period, counted_responses, frame, periods, periods_from, unit_weights

SPLITS = ("total", "channel", "role", "segment", "account_type", "region")
COUNTS = {
    "completed_count": ("completed",),
    "partial_count": ("partial",),
    "refused_count": ("refused",),
    "unanswered_count": ("sent", "opened", "started"),
    "bounced_count": ("bounced",),
    "unreachable_count": ("unreachable",),
    "ineligible_count": ("ineligible",),
}
LATE_HOURS = 72

RateKey = tuple[str, str, date, str, str]  # level, grain, period_start, split, group_id


def rpt_response_rate(world: World) -> dict[RateKey, Record]:
    """rpt_response_rate by (level, grain, period_start, split, group_id), but for fatigue_breach_count."""
    instants = [r["submitted_at"] for r in world.responses.values()] + [
        i["sent_at"] for i in world.invitations.values()
    ]
    scores = rpt_nps(world)
    headline = world.variables.headline_weighting
    report: dict[RateKey, Record] = {}
    for level in LEVELS:
        for period in periods_from(world, instants):
            asked = [
                i for i in world.invitations.values() if i["level"] == level and period.holds(day_of(i["sent_at"]))
            ]
            for split in SPLITS:
                groups: dict[str, list[Record]] = defaultdict(list)
                for invitation in asked:
                    groups[_group(world, split, invitation)].append(invitation)
                for key in scores:
                    if key[:5] == (level, period.grain, period.start, headline, split):
                        groups[key[5]] += []
                for group, members in groups.items():
                    score = scores.get((level, period.grain, period.start, headline, split, group))
                    report[level, period.grain, period.start, split, group] = {
                        **_rates(world, members),
                        **_coverage(world, period, split, group, score),
                        **_channel_scores(world, level, period, split, group, score),
                    }
    return report


def _group(world: World, split: str, invitation: Record) -> str:
    if split in ("total", "channel"):
        return "total" if split == "total" else str(invitation["channel"])
    if split == "role":
        return valid_role(world, invitation["contact_id"], invitation["account"], day_of(invitation["sent_at"]))
    return world.attribute(invitation["account"], split)


def _rates(world: World, members: list[Record]) -> Record:
    outcomes = Counter(m["disposition"] for m in members)
    counts = {column: sum(outcomes[d] for d in dispositions) for column, dispositions in COUNTS.items()}
    completed, partial, refused, unanswered, bounced, unreachable, ineligible = counts.values()
    known = completed + partial + refused + unanswered
    unknown = bounced + unreachable
    eligible = Fraction(known, known + ineligible) if known + ineligible else None
    likely = None if eligible is None else known + eligible * unknown
    return {
        "invited": len(members),
        **counts,
        "late_count": sum(_is_late(world, m) for m in members),
        "rr1": Fraction(completed, known + unknown) if known + unknown else None,
        "rr2": Fraction(completed + partial, known + unknown) if known + unknown else None,
        "rr3": completed / likely if likely else None,
        "rr5": Fraction(completed, known) if known else None,
    }


def _is_late(world: World, invitation: Record) -> bool:
    interaction = world.interactions.get(invitation["interaction_id"])
    if interaction is None:
        return False
    return bool((invitation["sent_at"] - interaction["occurred_at"]).total_seconds() > LATE_HOURS * 3600)


def _coverage(world: World, period: Period, split: str, group: str, score: Record | None) -> dict[str, Any]:
    if score is not None:
        return {"role_coverage": score["role_coverage"], "value_coverage": score["value_coverage"]}
    if split == "channel" or period not in periods(world):
        return {"role_coverage": None, "value_coverage": None}
    clients = frame(world, period)
    if split == "role":
        accounts = {account for account, role in clients.contacts if role == group}
        has_people = bool(accounts)
    else:
        accounts = {a for a in clients.accounts if split == "total" or world.attribute(a, split) == group}
        has_people = any(account in accounts for account, _ in clients.contacts)
    value = sum((clients.values[a] for a in accounts), ZERO)
    return {"role_coverage": ZERO if has_people else None, "value_coverage": ZERO if value else None}


def _channel_scores(
    world: World, level: str, period: Period, split: str, group: str, score: Record | None
) -> dict[str, Any]:
    """Raw and standardised score of a channel and why the latter is withheld."""
    nothing: dict[str, Any] = {"raw_score": None, "standardised_score": None, "suppressed_reason": None}
    if split != "channel" or score is None:
        return nothing
    standardised, heaviest = _standardised(world, level, period, group)
    reason = score["suppressed_reason"]
    if reason is None and heaviest is not None and heaviest > world.variables.max_response_share:
        reason = "dominant_response"
    return {
        "raw_score": score["score"],
        "standardised_score": standardised if reason is None else None,
        "suppressed_reason": reason,
    }


def _standardised(world: World, level: str, period: Period, channel: str) -> tuple[Fraction | None, Fraction | None]:
    """Score of a channel with the role mix of all channels, and the share of its heaviest response in it."""
    weights = unit_weights(world, level, period, world.variables.headline_weighting)
    parts = []
    for response in counted_responses(world, level, period):
        total = sum(weights[response["response_id"]].values(), ZERO)
        for role in response["roles"] if total else []:
            parts.append((response, role, total / len(response["roles"])))
    mix: dict[str, Fraction] = defaultdict(lambda: ZERO)
    own: dict[str, Fraction] = defaultdict(lambda: ZERO)
    for response, role, weight in parts:
        mix[role] += weight
        own[role] += weight if response["channel"] == channel else ZERO
    mixed: dict[str, Fraction] = defaultdict(lambda: ZERO)
    values = {}
    for response, role, weight in parts:
        if response["channel"] == channel:
            mixed[response["response_id"]] += weight * mix[role] / own[role]
            values[response["response_id"]] = response["y"]
    whole = sum(mixed.values(), ZERO)
    if not whole:
        return None, None
    return 100 * sum((mixed[i] * values[i] for i in mixed), ZERO) / whole, max(mixed.values()) / whole
