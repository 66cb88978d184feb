"""Role-weighted NPS by split, its intervals, suppression and lineage, and the response fact.

Belongs here: the groups, intervals and suppression of methods 2. Does not: how weights come about, teams.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any

from .about import INTERACTION_LEVELS, INTERACTION_SPLITS, placed
from .records import Record, World, day_of
from .weights import (
    LEVELS,
    WEIGHTINGS,
    ZERO,
    Frame,
    Period,
    account_shares,
    counted_responses,
    frame,
    period_of,
    periods,
    unit_weights,
    units,
)

Z = 1.959964
SPLITS = (
    *("total", "account", "segment", "account_type", "region", "role", "role_group", "channel"),
    *INTERACTION_SPLITS,
)
ROLE_SPLITS = ("role", "role_group")
FRAMELESS_SPLITS = ("channel", *INTERACTION_SPLITS)
NULL_WHEN_SUPPRESSED = (
    *("score", "team_score", "shrunk_score", "ci_low", "ci_high", "base_ci_low", "base_ci_high"),
    *("promoter_share", "passive_share", "detractor_share", "effective_n", "contribution"),
)

NpsKey = tuple[str, str, date, str, str, str]  # level, grain, period_start, weighting, split, group_id


@dataclass(frozen=True)
class Member:
    """A response in a group: its weight there, the weight its score has there, its share of the group's roles."""

    response: Record
    weight: Fraction
    own_weight: Fraction
    share: Fraction


def clipped(value: float) -> float:
    """A score held to −1 … 1."""
    return max(-1.0, min(1.0, value))


def describe(weighed: Iterable[tuple[Fraction, int]]) -> dict[str, Any]:
    """Score, shares, effective_n, largest weight and interval (points) of weighted y; all null without weight."""
    pairs = [(w, y) for w, y in weighed if w > 0]
    total = sum((w for w, _ in pairs), ZERO)
    if not total:
        columns = "score promoter_share passive_share detractor_share effective_n max_weight_share ci_low ci_high"
        return dict.fromkeys(columns.split())
    share = {kind: sum((w for w, y in pairs if y == kind), ZERO) / total for kind in (1, 0, -1)}
    effective_n = total**2 / sum(w**2 for w, _ in pairs)
    n = float(effective_n) + 3
    p = (float(share[1] * effective_n) + 0.75) / n
    q = (float(share[-1] * effective_n) + 0.75) / n
    half = Z * math.sqrt((p + q - (p - q) ** 2) / n)
    return {
        "score": 100 * (share[1] - share[-1]),
        "promoter_share": share[1],
        "passive_share": share[0],
        "detractor_share": share[-1],
        "effective_n": effective_n,
        "max_weight_share": max(w for w, _ in pairs) / total,
        "ci_low": 100 * clipped(p - q - half),
        "ci_high": 100 * clipped(p - q + half),
    }


def base_interval(shares: list[tuple[Fraction, int]], population: int) -> tuple[float, float] | tuple[None, None]:
    """Interval for the clients there are: (share, y) of each response with a cell, N distinct frame contacts."""
    n = len(shares)
    if not n:
        return None, None
    total = sum((s for s, _ in shares), ZERO)
    promoters = float(sum((s for s, y in shares if y == 1), ZERO) / total)
    detractors = float(sum((s for s, y in shares if y == -1), ZERO) / total)
    silent = population - n
    raw = promoters - detractors
    if silent <= 0:
        return 100 * raw, 100 * raw
    prior_n = n + 3
    p = (promoters * n + 0.75) / prior_n
    q = (detractors * n + 0.75) / prior_n
    theta = p - q
    spread = p + q - theta**2
    mean = (n * raw + silent * theta) / population
    variance = (silent / population) ** 2 * spread / (prior_n + 1) * (prior_n + silent) / silent
    half = Z * math.sqrt(variance)
    return 100 * clipped(mean - half), 100 * clipped(mean + half)


def own_account_weights(
    clients: Frame, responses: list[Record], shares: dict[str, dict[str, Fraction]], weighting: str
) -> dict[str, Fraction]:
    """What each response weighs in the score of its own account: ω/n renormalised, or equal under ``none``."""
    answered: dict[tuple[str, str], Fraction] = defaultdict(lambda: ZERO)
    for response in responses:
        for role, share in shares[response["response_id"]].items():
            answered[response["account"], role] += share
    own: dict[str, Fraction] = {}
    for response in responses:
        account, by_role = response["account"], shares[response["response_id"]]
        if weighting == "none":
            own[response["response_id"]] = Fraction(response["is_client"])
            continue
        total = sum((clients.omega[cell] for cell in answered if cell[0] == account), ZERO)
        own[response["response_id"]] = (
            sum(
                (s * clients.omega[account, role] / answered[account, role] / total for role, s in by_role.items()),
                ZERO,
            )
            if total
            else ZERO
        )
    return own


def _groups(
    world: World, split: str, responses: list[Record], weights: dict[str, dict[str, Fraction]],
    shares: dict[str, dict[str, Fraction]], own: dict[str, Fraction],
) -> dict[str, list[Member]]:  # fmt: skip
    """Members of each group of a split; every counted response is in at least one."""
    groups: dict[str, list[Member]] = defaultdict(list)
    for response in responses:
        by_role, share_of = weights[response["response_id"]], shares[response["response_id"]]
        if split in ROLE_SPLITS:
            roles: dict[str, list[str]] = defaultdict(list)
            for role in by_role:
                roles[_role_group(world, split, role)].append(role)
            for group, members in roles.items():
                weight = sum((by_role[role] for role in members), ZERO)
                share = sum((share_of.get(role, ZERO) for role in members), ZERO)
                groups[group].append(Member(response, weight, weight, share))
            continue
        weight = sum(by_role.values(), ZERO)
        if split in INTERACTION_SPLITS:
            for group, part in placed(world, response["response_id"], split).items():
                groups[group].append(Member(response, part * weight, part * weight, part * bool(share_of)))
            continue
        own_weight = own[response["response_id"]] if split == "account" else weight
        share = Fraction(bool(share_of))
        groups[_group(world, split, response)].append(Member(response, weight, own_weight, share))
    return dict(groups)


def _role_group(world: World, split: str, role: str) -> str:
    if split == "role" or role == "unassigned":
        return role
    return str(world.role_groups.get(role) or "unknown")


def _group(world: World, split: str, response: Record) -> str:
    if split in ("total", "channel"):
        return "total" if split == "total" else str(response["channel"])
    return str(response["account"]) if split == "account" else world.attribute(response["account"], split)


def _population(
    world: World, clients: Frame, split: str, group: str
) -> tuple[list[str], Callable[[str], bool]]:  # fmt: skip
    """Frame accounts of a group and the test for the roles it looks at."""
    if split in ROLE_SPLITS:

        def is_member(role: str) -> bool:
            return _role_group(world, split, role) == group

        return sorted({a for a, role in clients.contacts if is_member(role)}), is_member
    if split == "account":
        return [a for a in clients.accounts if a == group], lambda role: True
    if split == "total":
        return clients.accounts, lambda role: True
    return [a for a in clients.accounts if world.attribute(a, split) == group], lambda role: True


def _reach(
    world: World, clients: Frame, split: str, group: str, members: list[Member],
    shares: dict[str, dict[str, Fraction]], weighting: str,
) -> dict[str, Any]:  # fmt: skip
    """frame_count, role_coverage and value_coverage of a group; nulls for what no frame contact has."""
    if split in FRAMELESS_SPLITS:
        return {"frame_count": None, "role_coverage": None, "value_coverage": None}
    accounts, is_member = _population(world, clients, split, group)
    contacts: set[str] = set()
    for (account, role), present in clients.contacts.items():
        if account in accounts and is_member(role):
            contacts |= present
    answered: dict[str, set[str]] = defaultdict(set)
    for member in members:
        answered[member.response["account"]] |= {r for r in shares[member.response["response_id"]] if is_member(r)}
    v = account_shares(world, clients, weighting)
    coverage: Fraction | None
    covered = weighed = ZERO
    for account in accounts:
        present_omega = clients.omega_present(account, filter(is_member, clients.roles.get(account, [])))
        if account in v and present_omega > 0:
            weighed += v[account]
            covered += v[account] * clients.omega_present(account, answered[account]) / present_omega
    if split == "account":
        present_omega = clients.omega_present(group)
        coverage = clients.omega_present(group, answered[group]) / present_omega if present_omega else ZERO
    else:
        coverage = covered / weighed if weighed else None
    value = sum((clients.values[a] for a in accounts), ZERO)
    weighing = {m.response["account"] for m in members if m.weight > 0}
    reached = sum((clients.values[a] for a in accounts if a in weighing), ZERO)
    return {
        "frame_count": len(contacts),
        "role_coverage": coverage,
        "value_coverage": reached / value if value else None,
    }


def suppression_reason(world: World, row: Record, split: str) -> str | None:
    """Why a row may not be shown by itself, before any complement."""
    limits = world.variables
    if split == "account":
        return "low_role_coverage" if row["role_coverage"] < limits.min_role_coverage else None
    if split == "total" and not row["weight_share"]:
        return "no_weight"
    if row["weighing_count"] < limits.min_responses:
        return "few_responses"
    if row["weighing_account_count"] < limits.min_accounts and split != "total":
        return "few_accounts"
    if row["max_weight_share"] is not None and row["max_weight_share"] > limits.max_response_share:
        return "dominant_response"
    return None


def suppress(world: World, rows: list[Record], split: str, group_column: str) -> None:
    """Set suppressed_reason on the rows of one split, complement included, and empty what they may not show."""
    for row in rows:
        row["suppressed_reason"] = suppression_reason(world, row, split)
    weighing = [row for row in rows if row["weight_share"] > 0]
    shown = [row for row in weighing if row["suppressed_reason"] is None]
    if split != "account" and len(weighing) - len(shown) == 1 and shown:
        fewest = min(shown, key=lambda row: (row["weighing_count"], row[group_column]))
        fewest["suppressed_reason"] = "complementary"
    for row in rows:
        if row["suppressed_reason"] is not None:
            row.update({column: None for column in NULL_WHEN_SUPPRESSED if column in row})


@lru_cache(maxsize=8)
def rpt_nps(world: World, suppressed: bool = True) -> dict[NpsKey, Record]:
    """rpt_nps by (level, grain, period_start, weighting, split, group_id), with or without suppression."""
    report: dict[NpsKey, Record] = {}
    for level in LEVELS:
        for period in periods(world):
            for weighting in WEIGHTINGS:
                for split in SPLITS:
                    rows = _split_rows(world, level, period, weighting, split)
                    if suppressed:
                        suppress(world, rows, split, "group_id")
                    for row in rows:
                        key = (level, period.grain, period.start, weighting, split, row["group_id"])
                        report[key] = row
    return report


def _split_rows(world: World, level: str, period: Period, weighting: str, split: str) -> list[Record]:
    responses = counted_responses(world, level, period)
    if not responses or (split in INTERACTION_SPLITS and level not in INTERACTION_LEVELS):
        return []
    clients = frame(world, period)
    shares = units(responses, clients)
    weights = unit_weights(world, level, period, weighting)
    own = own_account_weights(clients, responses, shares, weighting)
    rows = []
    for group, members in sorted(_groups(world, split, responses, weights, shares, own).items()):
        reach = _reach(world, clients, split, group, members, shares, weighting)
        base: tuple[float | None, float | None] = (None, None)
        if weighting == "none" and split not in FRAMELESS_SPLITS:
            base = base_interval([(m.share, m.response["y"]) for m in members if m.share], reach["frame_count"])
        rows.append(
            {
                "level": level,
                "period_grain": period.grain,
                "period_start": period.start,
                "period_end": period.end,
                "weighting": weighting,
                "split": split,
                "group_id": group,
                **describe((m.own_weight, m.response["y"]) for m in members),
                "base_ci_low": base[0],
                "base_ci_high": base[1],
                "contribution": 100 * sum((m.weight * m.response["y"] for m in members), ZERO),
                "weight_share": sum((m.weight for m in members), ZERO),
                "response_count": len(members),
                "account_count": len({m.response["account_key"] for m in members}),
                "contact_count": len({m.response["respondent"] for m in members}),
                "weighing_count": sum(m.weight > 0 for m in members),
                "weighing_account_count": len({m.response["account_key"] for m in members if m.weight > 0}),
                **reach,
                "is_headline": split == "total" and weighting == world.variables.headline_weighting,
                "suppressed_reason": None,
            }
        )
    return rows


def rpt_nps_lineage(world: World) -> dict[tuple[str, str, date, str, str], Record]:
    """weight, y, points of each counted response by (level, grain, period_start, weighting, response_id)."""
    lineage = {}
    for level in LEVELS:
        for period in periods(world):
            responses = {r["response_id"]: r for r in counted_responses(world, level, period)}
            for weighting in WEIGHTINGS:
                for response_id, by_role in unit_weights(world, level, period, weighting).items():
                    weight, y = sum(by_role.values(), ZERO), responses[response_id]["y"]
                    key = (level, period.grain, period.start, weighting, response_id)
                    lineage[key] = {"weight": weight, "y": y, "points": 100 * weight * y}
    return lineage


def fct_survey_response(world: World) -> dict[str, Record]:
    """One row per surviving response of a known survey by response_id, judged in its calendar quarter."""
    rows = {}
    for response_id, response in world.responses.items():
        quarter = period_of(day_of(response["submitted_at"]), "quarter")
        counted = {r["response_id"] for r in counted_responses(world, response["level"], quarter)}
        reason = None if response_id in counted else "no_answer" if response["y"] is None else "superseded"
        rows[response_id] = {
            "survey_id": response["survey_id"],
            "level": response["level"],
            "account_id": response["account"],
            "contact_id": response["contact_id"],
            "channel": response["channel"],
            "submitted_at": response["submitted_at"],
            "quarter_start": quarter.start,
            "is_counted": response_id in counted,
            "not_counted_reason": reason,
            "nps_score": response["score"],
            "nps_group": {1: "promoter", 0: "passive", -1: "detractor", None: None}[response["y"]],
        }
    return rows
