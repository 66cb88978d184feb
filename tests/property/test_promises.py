"""What the product promises of any data: parts add up, and what carries no meaning changes nothing.

Belongs here: properties over random worlds, through the real load and the real dbt build, without Dagster around them.
Does not: particular numbers (e2e), single models (dbt unit tests).
"""

from __future__ import annotations

import csv
import itertools
import os
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from reference.random_world import RandomWorld, make_world

from answerable.settings import Settings
from ingest import load, programme
from orchestration import dbt_process, manifest

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "2"))
KEY = bytes.fromhex("5e" * 32)
# What remembers when things were loaded or seen is no part of the promise.
MEMORY = {"publication": None, "data_quality_issues": {"first_seen_at", "resolved_at"}}

Tables = dict[str, list[dict[str, Any]]]
Programme = dict[str, list[dict[str, str]]]


class Builder:
    """One home, emptied between worlds: the dbt project is parsed once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(home=folder / "home", landing=folder / "landing")

    def marts(self, cuts: list[dict[str, list[dict[str, str]]]], rules: Programme, as_of: str) -> Tables:
        """Land each cut in turn, load after each, build once; return every mart as sorted rows."""
        shutil.rmtree(self.settings.landing, ignore_errors=True)
        self.settings.home.mkdir(exist_ok=True)
        for file in self.settings.home.glob("warehouse.duckdb*"):
            file.unlink()
        for name, rows in rules.items():
            write(self.folder / "programme" / f"{name}.csv", rows)
        programme.resolve(
            self.folder / "programme", manifest.DEFAULT_PROGRAMME, manifest.programme_directory(self.settings)
        )
        load.prepare(self.settings.warehouse)
        load.set_clock(self.settings.warehouse, datetime.fromisoformat(as_of))
        for number, cut in enumerate(cuts):
            for entity, rows in cut.items():
                write(self.settings.landing / entity.replace(".", "/") / f"cut_{number}.csv", rows)
            report = load.load(self.settings.warehouse, self.settings.landing, self.settings.home, hmac_key=KEY)
            assert not any(entity.rows_quarantined or entity.rejected for entity in report.entities.values())
        manifest.load(self.settings)
        for _ in dbt_process.build(self.settings, ["--exclude-resource-type", "test"]):
            pass
        return self.read()

    def read(self) -> Tables:
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            names = [
                row[0]
                for row in connection.execute(
                    "select table_name from duckdb_tables() where schema_name = 'marts' order by all"
                ).fetchall()
            ]
            return {name: list(rows_of(connection, name)) for name in names if MEMORY.get(name, ()) is not None}


def rows_of(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[dict[str, Any]]:
    cursor = connection.execute(f"select * from marts.{table} order by all")
    columns = [column[0] for column in cursor.description or []]
    for row in cursor.fetchall():
        yield {name: value for name, value in zip(columns, row, strict=True) if name not in (MEMORY.get(table) or ())}


def write(path: Path, rows: list[dict[str, str]]) -> None:
    if not rows:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    return Builder(tmp_path_factory.mktemp("promises"))


worlds = st.integers(min_value=0, max_value=10_000).map(make_world)


def over_worlds(test: Callable[..., None]) -> Callable[..., None]:
    """A few worlds each: a build costs seconds. PROPERTY_EXAMPLES asks for more."""
    return settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(given(world=worlds)(test))


@over_worlds
def test_parts_add_up(builder: Builder, world: RandomWorld) -> None:
    marts = builder.marts([world.landed], world.programme, world.as_of)
    cells = group(marts["rpt_nps_lineage"], "level", "period_grain", "period_start", "weighting")
    headlines = {key: total(rows, "points") for key, rows in cells.items()}
    assert cells
    for key, rows in cells.items():
        weight = total(rows, "weight")
        assert weight == pytest.approx(1, abs=1e-9) or weight == 0, key
    for row in marts["rpt_nps"]:
        key = tuple(row[name] for name in ("level", "period_grain", "period_start", "weighting"))
        if row["split"] == "total" and row["score"] is not None:
            assert row["score"] == pytest.approx(headlines[key], abs=1e-9)
        if row["promoter_share"] is not None:
            parts = row["promoter_share"] + row["passive_share"] + row["detractor_share"]
            assert parts == pytest.approx(1, abs=1e-9)
    teams = group(
        marts["rpt_team_contribution_lineage"], "level", "period_grain", "period_start", "weighting", "attribution_rule"
    )
    assert {key[:4] for key in teams} == cells.keys()
    for key, rows in teams.items():
        assert total(rows, "points") == pytest.approx(headlines[key[:4]], abs=1e-9), key
    counted = group(marts["rpt_nps_lineage"], "level", "period_grain", "period_start", "weighting", "y")
    for key, rows in cells.items():
        assert sum(len(counted.get((*key, y), [])) for y in (1, 0, -1)) == len(rows)


@over_worlds
def test_visits_never_overlap(builder: Builder, world: RandomWorld) -> None:
    marts = builder.marts([world.landed], world.programme, world.as_of)
    journeys = {row["journey_instance_id"]: row for row in marts["fct_journey"]}
    visits = group(marts["fct_journey_stage"], "journey_instance_id")
    assert {key for (key,) in visits} == journeys.keys()
    for (instance,), rows in visits.items():
        rows.sort(key=lambda row: row["sequence_number"])
        for before, after in itertools.pairwise(rows):
            assert before["exited_at"] == after["entered_at"]
            assert before["entered_at"] <= after["entered_at"]
        if not journeys[instance]["is_open"]:
            assert total(rows, "duration_seconds") == pytest.approx(journeys[instance]["duration_seconds"])


@over_worlds
def test_only_the_ratio_of_role_weights_matters(builder: Builder, world: RandomWorld) -> None:
    before = builder.marts([world.landed], world.programme, world.as_of)
    scaled = world.programme | {
        "role_weights": [row | {"weight": repr(float(row["weight"]) * 8)} for row in world.programme["role_weights"]]
    }
    assert_same(before, builder.marts([world.landed], scaled, world.as_of))


@over_worlds
def test_ids_are_only_names(builder: Builder, world: RandomWorld) -> None:
    """Every id gets a prefix, which keeps their order: ties are broken by it."""
    before = builder.marts([world.landed], world.programme, world.as_of)
    renamed = {
        entity: [{name: f"x{value}" if is_id(name) and value else value for name, value in row.items()} for row in rows]
        for entity, rows in world.landed.items()
    }
    after = builder.marts([renamed], world.programme, world.as_of)
    landed = {value for rows in world.landed.values() for row in rows for name, value in row.items() if is_id(name)}
    names = {f"x{value}": value for value in landed}
    hashed = {"contact_key", "journey_instance_id", "issue_id", "key", "bundle_id"}
    strip = lambda tables: {  # noqa: E731
        table: sorted(
            (
                {
                    name: names.get(value, value) if isinstance(value, str) else value
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
def test_any_cut_of_the_records_gives_the_same_marts(builder: Builder, world: RandomWorld) -> None:
    whole = builder.marts([world.landed], world.programme, world.as_of)
    rng = random.Random(repr(world.as_of))
    cuts: list[dict[str, list[dict[str, str]]]] = [{} for _ in range(3)]
    for entity, rows in world.landed.items():
        for row in rng.sample(rows, len(rows)):
            rng.choice(cuts).setdefault(entity, []).append(row)
            if rng.random() < 0.1:
                rng.choice(cuts).setdefault(entity, []).append(row)
    # bit for bit: no tolerance
    assert builder.marts(cuts, world.programme, world.as_of) == whole


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
