"""What changed between consecutive periods, in parts that add up, and whether by more than chance.

Belongs here: the change and its test of methods 4, for the total, roles, segments and teams. Does not: scores and
suppression of one period.
"""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

from scipy import stats

from .nps import rpt_nps
from .records import Record, World
from .teams import RULES, rpt_team_contribution, shares
from .weights import LEVELS, WEIGHTINGS, ZERO, Period, counted_responses, period_of, periods, unit_weights

MINIMUM_ACCOUNTS = 5
FALSE_DISCOVERY_RATE = 0.05

Family = tuple[str, str, date, str, str, str | None]  # level, grain, period_start, weighting, split, attribution_rule
Part = tuple[Fraction, int, str]  # weight in the group, y, account


def period_before(period: Period) -> Period:
    """The period of the same grain before; of a trailing year the one that ends a month earlier."""
    if period.grain == "trailing_year":
        return period_of((period.end - timedelta(days=1)).replace(day=1) - timedelta(days=1), period.grain)
    return period_of(period.start - timedelta(days=1), period.grain)


def group_parts(
    world: World, level: str, period: Period, weighting: str, split: str, rule: str | None
) -> dict[str, list[Part]]:
    """What weighs in each group of a split."""
    responses = {r["response_id"]: r for r in counted_responses(world, level, period)}
    groups: dict[str, list[Part]] = defaultdict(list)
    for response_id, by_role in unit_weights(world, level, period, weighting).items():
        response = responses[response_id]
        whole = sum(by_role.values(), ZERO)
        if split == "role":
            divided = dict(by_role)
        elif split == "team":
            assert rule is not None
            divided = {team: whole * share for team, share in shares(world, response, rule).items()}
        else:
            divided = {"total" if split == "total" else world.attribute(response["account"], "segment"): whole}
        for group, weight in divided.items():
            if weight > 0:
                groups[group].append((weight, response["y"], response["account_key"]))
    return dict(groups)


def p_value(now: list[Part], before: list[Part]) -> float | None:
    """Two-sided p of a change of score with accounts as clusters over both periods."""
    residuals: dict[str, Fraction] = defaultdict(lambda: ZERO)
    scores = []
    for parts, sign in ((now, 1), (before, -1)):
        total = sum((w for w, _, _ in parts), ZERO)
        score = sum((w * y for w, y, _ in parts), ZERO) / total
        for weight, y, account in parts:
            residuals[account] += sign * weight / total * (y - score)
        scores.append(score)
    m = len(residuals)
    if m < MINIMUM_ACCOUNTS:
        return None
    mean = sum(residuals.values(), ZERO) / m
    variance = Fraction(m, m - 1) * sum(((z - mean) ** 2 for z in residuals.values()), ZERO)
    if variance == 0:
        return None
    return float(2 * stats.t.sf(abs(float(scores[0] - scores[1])) / math.sqrt(variance), m - 1))


def rpt_nps_change(
    world: World, suppressed: bool = True
) -> dict[tuple[str, str, date, str, str, str | None, str], Record]:
    """rpt_nps_change by (level, grain, period_start, weighting, split, rule, group_id)."""
    hidden = _hidden(world) if suppressed else {}
    families: list[tuple[str, str | None]] = [("total", None), ("role", None), ("segment", None)]
    families += [("team", rule) for rule in RULES]
    existing = set(periods(world))
    report = {}
    for level in LEVELS:
        for period in periods(world):
            previous = period_before(period)
            for weighting in WEIGHTINGS if previous in existing else ():
                for split, rule in families:
                    now = group_parts(world, level, period, weighting, split, rule)
                    before = group_parts(world, level, previous, weighting, split, rule)
                    if not now or not before:
                        continue
                    family = (level, period.grain, period.start, weighting, split, rule)
                    rows = {}
                    for group in sorted(now.keys() | before.keys()):
                        rows[group] = _row(period, now.get(group, []), before.get(group, []))
                        reason = hidden.get((*family, group)) or hidden.get(
                            (level, previous.grain, previous.start, weighting, split, rule, group)
                        )
                        if reason:
                            rows[group].update(dict.fromkeys(rows[group].keys() - {"period_end"}))
                        rows[group]["suppressed_reason"] = reason
                    _decide(list(rows.values()))
                    report.update({(*family, group): row for group, row in rows.items()})
    return report


def _hidden(world: World) -> dict[tuple[str, str, date, str, str, str | None, str], str]:
    reasons = {}
    for (level, grain, start, weighting, split, group), row in rpt_nps(world).items():
        reasons[level, grain, start, weighting, split, None, group] = row["suppressed_reason"]
    for (level, grain, start, weighting, rule, team), row in rpt_team_contribution(world).items():
        reasons[level, grain, start, weighting, "team", rule, team] = row["suppressed_reason"]
    return {key: reason for key, reason in reasons.items() if reason}


def _row(period: Period, now: list[Part], before: list[Part]) -> Record:
    (share_now, points_now), (share_before, points_before) = (
        (sum((w for w, _, _ in parts), ZERO), 100 * sum((w * y for w, y, _ in parts), ZERO)) for parts in (now, before)
    )
    row: Record = {"period_end": period.end, "mix": ZERO, "performance": ZERO, "entry": ZERO, "exit": ZERO}
    row |= {"previous_score": None, "score_change": None, "p_value": None}
    if now and before:
        score_now, score_before = points_now / share_now, points_before / share_before
        row["mix"] = (share_now - share_before) * (score_now + score_before) / 2
        row["performance"] = (score_now - score_before) * (share_now + share_before) / 2
        row |= {"score_change": score_now - score_before, "p_value": p_value(now, before)}
    elif now:
        row["entry"] = points_now
    else:
        row["exit"] = -points_before
    if before:
        row["previous_score"] = points_before / share_before
    row["change"] = points_now - points_before
    return row


def _decide(rows: list[Record]) -> None:
    """Set is_detectable and verdict; step up after Benjamini and Hochberg over the p-values that are shown."""
    tested = sorted(row["p_value"] for row in rows if row["p_value"] is not None)
    passing = [p for rank, p in enumerate(tested, 1) if p <= rank / len(tested) * FALSE_DISCOVERY_RATE]
    threshold = max(passing, default=-1.0)
    for row in rows:
        if row["suppressed_reason"]:
            row |= {"is_detectable": None, "verdict": None}
            continue
        row["is_detectable"] = row["p_value"] is not None and row["p_value"] <= threshold
        word = "improved" if (row["score_change"] or 0) > 0 else "declined"
        row["verdict"] = word if row["is_detectable"] else "no detectable change"
