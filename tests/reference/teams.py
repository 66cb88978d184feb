"""Which team a response is about, and what each team contributes.

Belongs here: shares, contributions, shrinkage and their lineage (methods 4). Does not: changes between periods.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

from .about import weighed_interactions
from .nps import describe, suppress
from .records import Record, World
from .weights import LEVELS, WEIGHTINGS, ZERO, Period, counted_responses, periods, response_weights

RULES = ("owner", "handler")

TeamKey = tuple[str, str, date, str, str, str]  # level, grain, period_start, weighting, attribution_rule, team_id


def shares(world: World, response: Record, rule: str) -> dict[str, Fraction]:
    """s(i, t) of a response under a rule: ``{team_id: share}``, positive and summing to 1."""
    by_team: dict[str, Fraction] = defaultdict(lambda: ZERO)
    for interaction, relevance in weighed_interactions(world, response):
        by_team[interaction[rule]] += relevance
    total = sum(by_team.values(), ZERO)
    return {team: part / total for team, part in sorted(by_team.items())} if total else {"unattributed": Fraction(1)}


def fct_feedback_delivery(world: World) -> dict[tuple[str, str], Record]:
    """Level, share and is_lead by (response_id, team_id), with a recommendation score or without; no follow-ups."""
    feedback = {}
    for response_id, response in world.responses.items():
        parts = shares(world, response, "owner")
        lead = min(parts, key=lambda team: (-parts[team], team))
        for team, share in parts.items():
            feedback[response_id, team] = {"level": response["level"], "share": share, "is_lead": team == lead}
    return feedback


def rpt_team_contribution_lineage(world: World) -> dict[tuple[str, str, date, str, str, str, str], Record]:
    """share, weight, points by (level, grain, period_start, weighting, rule, response_id, team_id)."""
    lineage = {}
    cached = {(i, rule): shares(world, r, rule) for i, r in world.responses.items() for rule in RULES}
    for level in LEVELS:
        for period in periods(world):
            responses = {r["response_id"]: r for r in counted_responses(world, level, period)}
            for weighting in WEIGHTINGS:
                weights = response_weights(world, level, period, weighting)
                for rule in RULES:
                    for response_id, response in responses.items():
                        for team, share in cached[response_id, rule].items():
                            weight = weights[response_id]
                            key = (level, period.grain, period.start, weighting, rule, response_id, team)
                            points = 100 * weight * response["y"] * share
                            lineage[key] = {"share": share, "weight": weight, "points": points}
    return lineage


def rpt_team_contribution(world: World, suppressed: bool = True) -> dict[TeamKey, Record]:
    """rpt_team_contribution by (level, grain, period_start, weighting, rule, team_id), with or without suppression."""
    cells: dict[tuple[str, str, date, str, str], dict[str, list[tuple[Record, Fraction]]]] = {}
    for key, row in rpt_team_contribution_lineage(world).items():
        response_id, team = key[5:]
        by_team = cells.setdefault(key[:5], defaultdict(list))
        by_team[team].append((world.responses[response_id], row["weight"] * row["share"]))
    ends = {(p.grain, p.start): p for p in periods(world)}
    report: dict[TeamKey, Record] = {}
    for cell, by_team in cells.items():
        rows = _team_rows(cell, ends[cell[1:3]], by_team)
        if suppressed:
            suppress(world, rows, "team", "team_id")
        for row in rows:
            report[(*cell, row["team_id"])] = row
    return report


def _team_rows(
    cell: tuple[str, str, date, str, str], period: Period, by_team: dict[str, list[tuple[Record, Fraction]]]
) -> list[Record]:
    shrunk = shrunk_scores({team: [(w, r["y"]) for r, w in parts] for team, parts in by_team.items()})
    rows = []
    for team, parts in sorted(by_team.items()):
        described = describe((w, r["y"]) for r, w in parts)
        rows.append(
            {
                "level": cell[0],
                "period_grain": cell[1],
                "period_start": cell[2],
                "period_end": period.end,
                "weighting": cell[3],
                "attribution_rule": cell[4],
                "team_id": team,
                "weight_share": sum((w for _, w in parts), ZERO),
                "contribution": 100 * sum((w * r["y"] for r, w in parts), ZERO),
                "team_score": described["score"],
                "shrunk_score": shrunk.get(team),
                "ci_low": described["ci_low"],
                "ci_high": described["ci_high"],
                "response_count": len(parts),
                "account_count": len({r["account_key"] for r, _ in parts}),
                "weighing_count": sum(w > 0 for _, w in parts),
                "weighing_account_count": len({r["account_key"] for r, w in parts if w > 0}),
                "max_weight_share": described["max_weight_share"],
                "effective_n": described["effective_n"],
                "suppressed_reason": None,
            }
        )
    return rows


def shrunk_scores(by_team: dict[str, list[tuple[Fraction, int]]]) -> dict[str, float | None]:
    """Scores in points, drawn towards the headline; empty with fewer than two teams of effective n above 1."""
    weight = {team: sum((w for w, _ in parts), ZERO) for team, parts in by_team.items()}
    teams = [team for team in by_team if weight[team] > 0]
    total = sum(weight.values(), ZERO)
    effective_n = {t: weight[t] ** 2 / sum(w**2 for w, _ in by_team[t]) for t in teams}
    if sum(n > 1 for n in effective_n.values()) < 2:
        return {}
    score = {t: sum((w * y for w, y in by_team[t]), ZERO) / weight[t] for t in teams}
    mean = sum((weight[t] / total * score[t] for t in teams), ZERO)
    pooled = sum((w / total * (y - score[t]) ** 2 for t in teams for w, y in by_team[t]), ZERO)
    if pooled == 0:
        return {t: float(100 * score[t]) for t in teams}
    variance = {t: pooled / effective_n[t] for t in teams}
    precision = {t: 1 / variance[t] for t in teams}
    sum_precision = sum(precision.values(), ZERO)
    centre = sum((precision[t] * score[t] for t in teams), ZERO) / sum_precision
    q = sum((precision[t] * (score[t] - centre) ** 2 for t in teams), ZERO)
    scale = sum_precision - sum((x**2 for x in precision.values()), ZERO) / sum_precision
    between = max(ZERO, (q - (len(teams) - 1)) / scale)
    shrunk: dict[str, float | None] = {}
    for t in teams:
        b = variance[t] / (variance[t] + between)
        shrunk[t] = float(100 * ((1 - b) * score[t] + b * mean))
    return shrunk
