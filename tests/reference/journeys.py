"""Journey instances, stage visits and handoffs from interactions.

Belongs here: methods 3 and the report by stage. Does not: bundles, variants.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from .records import Record, World, day_of
from .weights import periods

# account (survivor, or landed id where unknown), journey, journey_id (or the account again)
InstanceKey = tuple[str, str, str]


def instances(world: World) -> dict[InstanceKey, list[Record]]:
    """Interactions of each instance in order."""
    found: dict[InstanceKey, list[Record]] = defaultdict(list)
    for interaction in world.interactions.values():  # sorted by occurred_at, interaction_id
        if interaction["journey"] and interaction["stage"]:
            account = interaction["account_key"]
            found[account, interaction["journey"], interaction["journey_id"] or account].append(interaction)
    return dict(found)


def valid_role(world: World, contact_id: str | None, account: str, day: date) -> str:
    """The contact's valid role of the greatest ω at an account on a day, ties by name; ``unassigned`` without one."""
    roles = world.roles_on(contact_id, account, day)
    return min(roles, key=lambda role: (-world.omega(role, account, day), role), default="unassigned")


def interaction_role(world: World, interaction: Record) -> str:
    """The role of the contact of an interaction."""
    return valid_role(world, interaction["contact_id"], interaction["account"], day_of(interaction["occurred_at"]))


def _runs(interactions: list[Record]) -> list[list[Record]]:
    runs: list[list[Record]] = []
    for interaction in interactions:
        if runs and runs[-1][-1]["stage"] == interaction["stage"]:
            runs[-1].append(interaction)
        else:
            runs.append([interaction])
    return runs


def _handoffs(interactions: list[Record]) -> list[tuple[Record, Record]]:
    pairs = pairwise(interactions)
    return [(before, after) for before, after in pairs if before["handler"] != after["handler"]]


def _stages(world: World, journey: str) -> dict[str, Record]:
    return {r["stage"]: r for r in world.programme("journeys") if r["journey"] == journey}


def fct_journey_stage(world: World) -> dict[tuple[InstanceKey, int], Record]:
    """Stage visits by (instance, sequence_number)."""
    rows: dict[tuple[InstanceKey, int], Record] = {}
    for instance, interactions in instances(world).items():
        stages = _stages(world, instance[1])
        runs = _runs(interactions)
        receiving = {after["interaction_id"] for _, after in _handoffs(interactions)}
        visits: Counter[str] = Counter()
        for index, run in enumerate(runs):
            stage = run[0]["stage"]
            visits[stage] += 1
            row = _visit_times(world, stages[stage], run, runs[index + 1] if index + 1 < len(runs) else None)
            order = stages[stage]["stage_order"]
            order_before = stages[runs[index - 1][0]["stage"]]["stage_order"] if index else 0
            rows[instance, index + 1] = {
                "account_id": run[0]["account"],
                "journey": instance[1],
                "stage": stage,
                "visit_number": visits[stage],
                "sequence_number": index + 1,
                **row,
                "previous_stage": runs[index - 1][0]["stage"] if index else None,
                "next_stage": runs[index + 1][0]["stage"] if index + 1 < len(runs) else None,
                "interaction_count": len(run),
                "handoff_count": sum(i["interaction_id"] in receiving for i in run),
                "team_count": len({i["handler"] for i in run}),
                "accountable_team_id": run[0]["owner"],
                "is_reentry": visits[stage] > 1,
                "is_skip": any(order_before < s["stage_order"] < order for s in stages.values()),
            }
    return rows


def _visit_times(world: World, stage: Record, run: list[Record], following: list[Record] | None) -> dict[str, Any]:
    entered_at = run[0]["occurred_at"]
    exited_at = None
    if following:
        exited_at = following[0]["occurred_at"]
    elif stage["is_exit"]:
        exited_at = run[-1]["occurred_at"]
    target = None if stage["target_days"] is None else stage["target_days"] * 86400
    elapsed = Fraction(((exited_at or world.as_of) - entered_at).total_seconds())
    return {
        "entered_at": entered_at,
        "exited_at": exited_at,
        "duration_seconds": float(elapsed) if exited_at else None,
        "is_open": exited_at is None,
        "target_seconds": None if target is None else float(target),
        "is_over_target": None if target is None else elapsed > target,
    }


def fct_journey(world: World) -> dict[InstanceKey, Record]:
    """Journey instances by key, without bundle_id."""
    rows = {}
    for instance, interactions in instances(world).items():
        runs = _runs(interactions)
        started_at, last_at = interactions[0]["occurred_at"], interactions[-1]["occurred_at"]
        is_open = not _stages(world, instance[1])[runs[-1][0]["stage"]]["is_exit"]
        roles = Counter(interaction_role(world, i) for i in interactions if not i["is_internal"])
        roles.pop("unassigned", None)
        rows[instance] = {
            "account_id": interactions[0]["account"],
            "journey": instance[1],
            "started_at": started_at,
            "ended_at": None if is_open else last_at,
            "is_open": is_open,
            "variant": " > ".join(run[0]["stage"] for run in runs),
            "stage_count": len(runs),
            "handoff_count": len(_handoffs(interactions)),
            "duration_seconds": None if is_open else (last_at - started_at).total_seconds(),
            "account_type": world.attribute(interactions[0]["account"], "account_type"),
            "dominant_role": min(roles, key=lambda role: (-roles[role], role), default="unassigned"),
        }
    return rows


def fct_handoff(world: World) -> dict[tuple[InstanceKey, str], Record]:
    """Handoffs by (instance, receiving interaction_id)."""
    rows = {}
    for instance, interactions in instances(world).items():
        for before, after in _handoffs(interactions):
            earlier = interactions[: interactions.index(after)]
            rows[instance, after["interaction_id"]] = {
                "from_team_id": before["handler"],
                "to_team_id": after["handler"],
                "handed_at": after["occurred_at"],
                "wait_seconds": (after["occurred_at"] - before["occurred_at"]).total_seconds(),
                "is_return": any(i["handler"] == after["handler"] for i in earlier),
            }
    return rows


STAGE_SPLITS = ("total", "account_type", "segment", "region")

StageKey = tuple[str, date, str, str, str, str]  # grain, period_start, journey, stage, split, group_id


def rpt_journey_stage(world: World) -> dict[StageKey, Record]:
    """rpt_journey_stage by (grain, period_start, journey, stage, split, group_id)."""
    visits = list(fct_journey_stage(world).items())
    answers = answers_by_instance(world)
    report: dict[StageKey, Record] = {}
    for period in periods(world):
        entered = [(key, visit) for key, visit in visits if period.holds(day_of(visit["entered_at"]))]
        for split in STAGE_SPLITS:
            groups: dict[tuple[str, str, str], list[tuple[InstanceKey, Record]]] = defaultdict(list)
            for (instance, _), visit in entered:
                group = "total" if split == "total" else world.attribute(visit["account_id"], split)
                groups[visit["journey"], visit["stage"], group].append((instance, visit))
            rows = {key: _stage_row(world, members, answers, split) for key, members in groups.items()}
            _hide_complements(rows)
            for (journey, stage, group), row in rows.items():
                report[period.grain, period.start, journey, stage, split, group] = row
    return report


def answers_by_instance(world: World) -> dict[InstanceKey, list[Record]]:
    """Touchpoint and experience responses by the journey instances they are about."""
    found: dict[InstanceKey, list[Record]] = defaultdict(list)
    for response in world.responses.values():
        about: set[InstanceKey] = set()
        for instance, interactions in instances(world).items():
            if response["level"] == "touchpoint":
                hit = any(i["interaction_id"] == response["interaction_id"] for i in interactions)
            else:
                hit = response["level"] == "experience" and any(
                    i["journey_id"] is not None
                    and i["journey_id"] == response["journey_id"]
                    and i["account_key"] == response["account_key"]
                    for i in interactions
                )
            if hit:
                about.add(instance)
        for instance in about:
            found[instance].append(response)
    return found


def percentile(values: Iterable[Fraction], share: Fraction) -> Fraction | None:
    """The continuous percentile: linear between the two values around its place."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _stage_row(
    world: World,
    members: list[tuple[InstanceKey, Record]],
    answers: dict[InstanceKey, list[Record]],
    split: str,
) -> Record:
    visits = [visit for _, visit in members]
    hours = [Fraction(v["duration_seconds"]) / 3600 for v in visits if v["duration_seconds"] is not None]
    targeted = [v["is_over_target"] for v in visits if v["is_over_target"] is not None]
    heard = {
        response["response_id"]: response
        for instance, visit in members
        for response in answers.get(instance, [])
        if response["submitted_at"] >= visit["entered_at"]
    }
    nps = {i: Fraction(100 * r["y"]) for i, r in heard.items() if r["y"] is not None}
    csat = {i: world.satisfaction[i] for i in heard if i in world.satisfaction}
    row: Record = {
        "visits": len(visits),
        "median_hours": percentile(hours, Fraction(1, 2)),
        "p90_hours": percentile(hours, Fraction(9, 10)),
        "over_target_share": Fraction(sum(targeted), len(targeted)) if targeted else None,
        "reentry_share": Fraction(sum(v["is_reentry"] for v in visits), len(visits)),
    }
    for metric, values in (("nps", nps), ("csat", csat)):
        accounts = {heard[i]["account_key"] for i in values}
        reason = None
        if values and len(values) < world.variables.min_responses:
            reason = "few_responses"
        elif values and split != "total" and len(accounts) < world.variables.min_accounts:
            reason = "few_accounts"
        row[metric] = sum(values.values(), Fraction(0)) / len(values) if values and reason is None else None
        row[f"{metric}_response_count"] = len(values)
        row[f"{metric}_suppressed_reason"] = reason
    return row


def _hide_complements(rows: dict[tuple[str, str, str], Record]) -> None:
    """Where one group of a stage is withheld, withhold the shown one with the fewest answers too."""
    for metric in ("nps", "csat"):
        stages: dict[tuple[str, str], list[tuple[int, str, Record]]] = defaultdict(list)
        for (journey, stage, group), row in rows.items():
            if row[f"{metric}_response_count"]:
                stages[journey, stage].append((row[f"{metric}_response_count"], group, row))
        for groups in stages.values():
            shown = [g for g in groups if g[2][f"{metric}_suppressed_reason"] is None]
            if shown and len(groups) - len(shown) == 1:
                fewest = min(shown, key=lambda g: g[:2])[2]
                fewest[metric], fewest[f"{metric}_suppressed_reason"] = None, "complementary"
