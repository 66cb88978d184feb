"""The outreach plan against every other choice of people, on small cases.

Belongs here: the compiled SQL of `rpt_outreach_plan` on made-up cells, and trying all choices. Does not: who may be
asked and what a cell weighs (the models before it).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import duckdb
import pytest

COSTS = {"email": 1.0, "in_app": 1.0, "phone": 4.0, "in_person": 12.0}
VARIANCE = 0.625
QUARTER = "quarter 2025-04-01"
ROLES = ("buyer", "user", "finance")

# account, role, weight of the cell, answers so far, response rate, cost
Person = tuple[str, str, float, float, float, float]


@pytest.fixture(scope="module")
def plan_sql(compiled: dict[str, Any]) -> str:
    """Return the model as dbt compiles it."""
    return str(compiled["nodes"]["model.answerable.rpt_outreach_plan"]["compiled_code"])


@pytest.mark.parametrize("seed", range(12))
def test_no_choice_of_people_gains_more_than_the_first_of_the_plan(plan_sql: str, seed: int) -> None:
    rng = random.Random(seed)
    cells = {
        (f"A{number}", rng.choice(ROLES)): (rng.uniform(0.01, 0.4), rng.choice((0, 0, 0.5, 1, 3)), rng.randint(1, 4))
        for number in range(5)
    }
    channels = {role: rng.choice(tuple(COSTS)) for role in ROLES}
    rates = {role: rng.uniform(0.05, 0.9) for role in ROLES}
    people: dict[str, Person] = {}
    for (account, role), (weight, answers, count) in cells.items():
        for number in range(count):
            person = (account, role, weight, float(answers), rates[role], COSTS[channels[role]])
            people[f"{account} {role} {number}"] = person

    plan = planned(plan_sql, people, channels, rates)
    assert sorted(contact for contact, _ in plan) == sorted(people)
    order = [people[contact] for contact, _ in plan]
    assert [gain for _, gain in plan] == sorted((gain for _, gain in plan), reverse=True)
    for size in range(1, len(order) + 1):
        best = max(gain_of(chosen) for chosen in combinations(order, size))
        assert sum(gain for _, gain in plan[:size]) == pytest.approx(best, rel=1e-12)


def gain_of(chosen: Sequence[Person]) -> float:
    """Return what people take off the variance together, per cost; k of a cell take c²S²/m to c²S²/(m + k)."""
    return sum(
        weight**2 * VARIANCE * rate / cost * (1 / (answers + 1) - 1 / (answers + 1 + count))
        for (_, _, weight, answers, rate, cost), count in Counter(chosen).items()
    )


def planned(
    sql: str, people: dict[str, Person], channels: dict[str, str], rates: dict[str, float]
) -> list[tuple[str, float]]:
    """Run the model on the people; return contacts with their gain, in the order of the plan."""
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS warehouse; SET TimeZone = 'UTC'")
        for schema in ("intermediate", "staging", "memory"):
            connection.execute(f"CREATE SCHEMA warehouse.{schema}")
        tables: dict[str, tuple[str, list[tuple[object, ...]]]] = {
            "intermediate.int_outreach__candidates": (
                "contact_key VARCHAR, period_key VARCHAR, account_id VARCHAR, role VARCHAR, cell_weight DOUBLE, "
                "last_asked_at TIMESTAMPTZ, unanswered_attempts BIGINT",
                [(key, QUARTER, person[0], person[1], person[2], None, 0) for key, person in people.items()],
            ),
            "intermediate.int_reach__answers_by_cell": (
                "period_key VARCHAR, account_id VARCHAR, role VARCHAR, answers DOUBLE",
                [(QUARTER, *cell) for cell in {(p[0], p[1], p[3]) for p in people.values() if p[3]}],
            ),
            "intermediate.int_frame__sums_by_group": (
                "period_key VARCHAR, split VARCHAR, group_id VARCHAR, frame_count BIGINT",
                [(QUARTER, "role", role, 99) for role in ROLES],
            ),
            "intermediate.int_outreach__response_rates": (
                "role VARCHAR, channel VARCHAR, response_rate DOUBLE",
                [(role, channels[role], rates[role]) for role in ROLES],
            ),
            "intermediate.int_outreach__answer_variance": ("variance DOUBLE", [(VARIANCE,)]),
            "intermediate.int_outreach__questions_by_role": (
                "role VARCHAR, questions VARCHAR",
                [(role, "nps") for role in ROLES],
            ),
            "staging.stg_programme__outreach_policies": (
                "role VARCHAR, channel_order VARCHAR, min_days_between_surveys BIGINT, max_attempts BIGINT",
                [(role, f"{channels[role]}|sms", 90, 3) for role in ROLES],
            ),
            "memory.clock": ("as_of TIMESTAMPTZ", [("2025-06-01 00:00:00+00",)]),
        }
        for name, (columns, rows) in tables.items():
            connection.execute(f"CREATE TABLE warehouse.{name} ({columns})")
            if rows:
                holes = ", ".join("?" for _ in rows[0])
                connection.executemany(f"INSERT INTO warehouse.{name} VALUES ({holes})", rows)
        return connection.execute(f"SELECT contact_key, expected_gain FROM ({sql}) ORDER BY rank").fetchall()
