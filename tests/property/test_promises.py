"""What the product promises of any data: figures are those of the reference, parts add up, names change nothing.

Belongs here: properties over random worlds, through the real load and the real dbt build, without Dagster around them.
Does not: particular numbers (e2e), single models (dbt unit tests), the order in which records land (any history).
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import pytest
from building import Builder, Tables, in_order
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracle import differences, found_by_subtraction
from reference import load_world
from reference.random_world import make_world
from reference.records import Variables
from windows import COPIES, orders_of

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "2"))
# The first is known to withhold some groups.
SEEDS = [6, *random.sample(range(10_000), EXAMPLES - 1)]
# Other constants: nothing is withheld, weights and attribution are not what they were.
OTHER_CONSTANTS: dict[str, Any] = {
    "suppression_minimum_responses": 0,
    "suppression_minimum_accounts": 0,
    "suppression_maximum_weight_share": 1,
    "suppression_minimum_role_coverage": 0,
    "max_account_share": 0.2,
    "attribution_days": 30,
}
# What contradicts a demand, by touchpoints and journeys that the worlds have.
CONDUCT: dict[str, Any] = {
    "billing_touchpoint": "tp_ticket",
    "renewal_touchpoint": "tp_close",
    "escalation_touchpoints": ["tp_call"],
    "dispute_touchpoints": ["tp_visit"],
    "outage_journeys": ["onboarding"],
}


@dataclass
class Built:
    """The marts of a world, and how they differ from the reference; `withholding` splits withhold something."""

    marts: Tables
    differences: list[str]
    withholding: int
    given_away: list[str]
    orders: dict[str, int]


class Models:
    """Every model of the project with its SQL, each a relation of its own."""

    def __init__(self, nodes: list[dict[str, Any]]) -> None:
        self.nodes = nodes


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    return Builder(tmp_path_factory.mktemp("promises"))


@pytest.fixture(scope="module")
def models(compiled: dict[str, Any]) -> Models:
    return Models([node for node in compiled["nodes"].values() if node["resource_type"] == "model"])


@cache
def built(builder: Builder, models: Models, seed: int) -> Built:
    """A world, built once for all tests that only look at it."""
    world = make_world(seed)
    with constants(builder, CONDUCT):
        tables = builder.marts([world.landed], world.programme, world.as_of)
    said = Variables(**{name: tuple(value) if isinstance(value, list) else value for name, value in CONDUCT.items()})
    reference = load_world(builder.settings.landing, builder.folder / "programme", world.as_of, said)
    with duckdb.connect(str(builder.settings.warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        found = differences(connection, reference), *found_by_subtraction(connection)
    return Built(tables, *found, sharing_an_order(builder, models))


def sharing_an_order(builder: Builder, models: Models) -> dict[str, int]:
    """How many rows share an order at most, of every window of every step, on the rows it really sees."""
    shared = {}
    with duckdb.connect(str(builder.settings.warehouse)) as connection:
        for model in in_order(models.nodes):
            connection.execute(f"create view if not exists {model['relation_name']} as {model['compiled_code']}")
        for model in models.nodes:
            for order in orders_of(model["name"], model["compiled_code"]):
                [(rows,)] = connection.execute(order.shared).fetchall()
                if rows is not None and order.terms[-len(COPIES) :] != COPIES:
                    shared[str(order)] = rows
    return shared


@cache
def nothing_withheld(builder: Builder, seed: int) -> Tables:
    """The marts of a world under other constants."""
    world = make_world(seed)
    with constants(builder, OTHER_CONSTANTS):
        return builder.marts([world.landed], world.programme, world.as_of)


@contextmanager
def constants(builder: Builder, variables: dict[str, Any]) -> Iterator[None]:
    builder.variables = variables
    yield
    builder.variables = {}


def over_worlds(test: Callable[..., None]) -> Callable[..., None]:
    """A few worlds, others every time, the same for all tests: builds cost seconds. PROPERTY_EXAMPLES asks for more."""
    return settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(given(seed=st.sampled_from(SEEDS))(test))


@over_worlds
def test_figures_are_those_of_the_reference(builder: Builder, models: Models, seed: int) -> None:
    """Figure by figure those of a second implementation, and none that is withheld can be found by subtraction."""
    found = built(builder, models, seed)
    assert found.differences == []
    assert found.given_away == []


def test_what_is_withheld_is_looked_at(builder: Builder, models: Models) -> None:
    """Some world withholds something: otherwise nothing could be given away."""
    assert any(built(builder, models, seed).withholding for seed in SEEDS)


@over_worlds
def test_parts_add_up(builder: Builder, models: Models, seed: int) -> None:
    tables = built(builder, models, seed).marts
    cells = group(tables["rpt_nps_lineage"], "level", "period_grain", "period_start", "weighting")
    headlines = {key: total(rows, "points") for key, rows in cells.items()}
    assert cells
    for key, rows in cells.items():
        weight = total(rows, "weight")
        assert weight == pytest.approx(1, abs=1e-9) or weight == 0, key
    for row in tables["rpt_nps"]:
        key = tuple(row[name] for name in ("level", "period_grain", "period_start", "weighting"))
        if row["split"] == "total" and row["score"] is not None:
            assert row["score"] == pytest.approx(headlines[key], abs=1e-9)
        if row["promoter_share"] is not None:
            parts = row["promoter_share"] + row["passive_share"] + row["detractor_share"]
            assert parts == pytest.approx(1, abs=1e-9)
    teams = group(
        tables["rpt_team_contribution_lineage"],
        "level",
        "period_grain",
        "period_start",
        "weighting",
        "attribution_rule",
    )
    assert {key[:4] for key in teams} == cells.keys()
    for key, rows in teams.items():
        assert total(rows, "points") == pytest.approx(headlines[key[:4]], abs=1e-9), key
    counted = group(tables["rpt_nps_lineage"], "level", "period_grain", "period_start", "weighting", "y")
    for key, rows in cells.items():
        assert sum(len(counted.get((*key, y), [])) for y in (1, 0, -1)) == len(rows)


@over_worlds
def test_parts_of_a_change_add_up(builder: Builder, seed: int) -> None:
    """In a row to its change, over a split to that of the headline: with nothing withheld, that nothing is left out."""
    tables = nothing_withheld(builder, seed)
    period = ("level", "period_grain", "period_end", "weighting")
    totals = group(tables["rpt_nps_lineage"], *period)
    splits = group(tables["rpt_nps_change"], *period, "split", "attribution_rule")
    assert {key[4] for key in splits} == {"total", "segment", "role", "team"}
    for key, rows in splits.items():
        for row in rows:
            assert row["suppressed_reason"] is None
            parts = sum(row[name] for name in ("mix", "performance", "entry", "exit"))
            assert parts == pytest.approx(row["change"], abs=1e-12)
        now, before = total(totals[key[:4]], "points"), total(totals[before_of(key[:4])], "points")
        assert total(rows, "change") == pytest.approx(now - before, abs=1e-9), key


def before_of(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """The key of the period before: month and trailing year end a month earlier, a quarter three."""
    level, grain, end, weighting = key
    months = end.year * 12 + end.month - 1 - (3 if grain == "quarter" else 1)
    return level, grain, end.replace(year=months // 12, month=months % 12 + 1), weighting


@over_worlds
def test_what_responses_are_about_adds_up(builder: Builder, seed: int) -> None:
    """With nothing withheld, the contributions of a split are the headline of its level."""
    tables = nothing_withheld(builder, seed)
    cells = group(tables["rpt_nps"], "level", "period_grain", "period_start", "weighting", "split")
    about = {"product", "bundle", "journey", "stage", "touchpoint"}
    for (*cell, split), rows in cells.items():
        [headline] = cells[*cell, "total"]
        if headline["suppressed_reason"] == "no_weight":
            assert not any(row["contribution"] for row in rows), (cell, split)
        else:
            assert total(rows, "contribution") == pytest.approx(headline["contribution"], abs=1e-9), (cell, split)
        assert split not in about or cell[0] in ("touchpoint", "experience")
        if split == "total" and cell[0] in ("touchpoint", "experience"):
            assert all((*cell, kind) in cells for kind in about)


@over_worlds
def test_verdicts_and_flags_say_the_same(builder: Builder, models: Models, seed: int) -> None:
    tables = built(builder, models, seed).marts
    for row in tables["fct_billing_notice"]:
        reasons = row["verdict_reasons"].split(",")
        assert row["is_demand_before_due"] == ("demand_before_due" in reasons), row
        assert row["is_tone_mismatch"] == ("tone_mismatch" in reasons), row
        assert not (row["is_flagged"] and row["verdict"] == "go"), row
    for row in tables["rpt_notice_guard"]:
        reasons = row["reasons"].split(",")
        assert row["is_demand_before_due"] == ("demand_before_due" in reasons), row
        assert row["is_tone_mismatch"] == ("tone_mismatch" in reasons), row
        assert row["verdict"] != "go" or row["verdict_spoken"] == "go", row
        assert (row["decides_team_id"] is None) == (row["verdict"] == "go"), row


def test_every_verdict_is_looked_at(builder: Builder, models: Models) -> None:
    found = {row["verdict"] for seed in SEEDS for row in built(builder, models, seed).marts["fct_billing_notice"]}
    assert found == {"go", "soften", "hold", "unknown"}


@over_worlds
def test_visits_never_overlap(builder: Builder, models: Models, seed: int) -> None:
    tables = built(builder, models, seed).marts
    journeys = {row["journey_instance_id"]: row for row in tables["fct_journey"]}
    visits = group(tables["fct_journey_stage"], "journey_instance_id")
    assert {key for (key,) in visits} == journeys.keys()
    for (instance,), rows in visits.items():
        rows.sort(key=lambda row: row["sequence_number"])
        for before, after in itertools.pairwise(rows):
            assert before["exited_at"] == after["entered_at"]
            assert before["entered_at"] <= after["entered_at"]
        if not journeys[instance]["is_open"]:
            assert total(rows, "duration_seconds") == pytest.approx(journeys[instance]["duration_seconds"])


def test_other_constants_change_every_figure_that_was_scored_before(builder: Builder) -> None:
    """A home that was built under the shipped ones comes to what a clean build gives."""
    world = make_world(SEEDS[0])
    expected = nothing_withheld(builder, SEEDS[0])
    before = builder.marts([world.landed], world.programme, world.as_of)
    with constants(builder, OTHER_CONSTANTS):
        builder.build(world.programme, world.as_of)
    assert builder.read() == expected != before


@over_worlds
def test_names_of_ids_and_the_scale_of_role_weights_change_nothing(builder: Builder, models: Models, seed: int) -> None:
    """Every role weight is eight times what it was: only their ratio matters.

    Every id gets a prefix, which keeps their order and `unknown` behind them: ties are broken by it.
    """
    world, before = make_world(seed), built(builder, models, seed).marts
    scaled = world.programme | {
        "role_weights": [row | {"weight": repr(float(row["weight"]) * 8)} for row in world.programme["role_weights"]]
    }
    renamed = {
        entity: [
            {name: f"0-{value}" if is_id(name) and value else value for name, value in row.items()} for row in rows
        ]
        for entity, rows in world.landed.items()
    }
    with constants(builder, CONDUCT):
        after = builder.marts([renamed], scaled, world.as_of)
    landed = {value for rows in world.landed.values() for row in rows for name, value in row.items() if is_id(name)}
    names = {f"0-{value}": value for value in landed}
    hashed = {"contact_key", "journey_instance_id", "issue_id", "key", "bundle_id", "conflict_id"}
    strip = lambda tables: {  # noqa: E731
        table: sorted(
            (
                {
                    name: " + ".join(names.get(part, part) for part in value.split(" + "))
                    if isinstance(value, str)
                    else value
                    for name, value in row.items()
                    if name not in hashed
                }
                for row in rows
            ),
            key=repr,
        )
        for table, rows in tables.items()
    }
    assert_same(strip(before), strip(after))


@over_worlds
def test_no_two_rows_share_an_order(builder: Builder, models: Models, seed: int) -> None:
    """Whatever places rows tells all of them apart."""
    orders = built(builder, models, seed).orders
    assert {order: rows for order, rows in orders.items() if rows > 1} == {}
    assert len(orders) > 40


def is_id(name: str) -> bool:
    return name.endswith("_id") and name not in ("team_id", "survey_id", "question_id")


def group(rows: list[dict[str, Any]], *columns: str) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[column] for column in columns), []).append(row)
    return groups


def total(rows: list[dict[str, Any]], column: str) -> float:
    return sum(row[column] for row in rows)


def assert_same(left: Tables, right: Tables) -> None:
    """Rows are the same up to the last digits of their figures."""
    assert left.keys() == right.keys()
    for table, rows in left.items():
        assert len(rows) == len(right[table]), table
        for one, other in zip(rows, right[table], strict=True):
            assert one.keys() == other.keys()
            for name, value in one.items():
                if isinstance(value, float) and other[name] is not None:
                    assert other[name] == pytest.approx(value, rel=1e-9, abs=1e-9), (table, name, one)
                else:
                    assert other[name] == value, (table, name, one)
