"""Why scores that were not computed again are those of a whole build: the fingerprint misses nothing, and nothing is
remembered that was not built.

Belongs here: the fingerprint of a period against every column it has to cover, the list of periods, what is forgotten
and when. Does not: any history, other constants (property), which models may read what (conventions).

All tests live in one home, which each leaves whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from building import Builder, Rows
from reference.random_world import RandomWorld, make_world

from orchestration.dbt_process import BuildError

SEED = 4
LIST = "select period_key, is_touched from intermediate.int_periods_to_score"


@pytest.fixture(scope="module")
def world() -> RandomWorld:
    return make_world(SEED)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, world: RandomWorld) -> Builder:
    builder = Builder(tmp_path_factory.mktemp("living"))
    builder.marts([world.landed], world.programme, world.as_of)
    return builder


@pytest.fixture
def living(home: Builder) -> Iterator[Builder]:
    yield home
    home.variables = {}


def query(builder: Builder, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(builder.settings.warehouse)) as connection:
        return connection.execute(sql).fetchall()


def touched(builder: Builder) -> set[str]:
    return {period for period, is_touched in query(builder, LIST) if is_touched}


def remembered(builder: Builder) -> set[str]:
    return {period for (period,) in query(builder, "select period_key from memory.scored_periods")}


def one_answer_corrected(living: Builder, world: RandomWorld) -> tuple[dict[str, Rows], str]:
    """Return the correction of the first counted response's answer to the recommendation question, and its month."""
    [(first, month)] = query(
        living,
        "select response_id, strftime(submitted_at, '%Y-%m') from marts.fct_survey_response "
        "where is_counted order by submitted_at, response_id limit 1",
    )
    questions = {row["question_id"] for row in world.landed["survey.questions"] if row["metric"] == "nps"}
    versions = [
        row
        for row in world.landed["survey.answers"]
        if row["response_id"] == first and row["question_id"] in questions and row["score"]
    ]
    answer = max(versions, key=lambda row: row["updated_at"])
    score = "3" if answer["score"] != "3" else "10"
    return {"survey.answers": [answer | {"score": score, "updated_at": "2031-01-01T00:00:00Z"}]}, month


def test_every_column_that_scores_read_is_in_the_fingerprint(living: Builder, compiled: dict[str, Any]) -> None:
    """One value of one column changed, in one row at a time: some period has another fingerprint."""
    fingerprints = compiled["nodes"]["model.answerable.int_periods__fingerprints"]
    inputs = fingerprints["depends_on"]["nodes"]
    parents = [key.split(".")[-1] for key in inputs if key.startswith("model.")]
    sql = str(fingerprints["compiled_code"])
    missed = []
    with duckdb.connect(str(living.settings.warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        make_steps_before(connection, compiled["nodes"], fingerprints)
        for parent in parents:
            connection.execute(f"create or replace temp table {parent} as from intermediate.{parent}")
        sql = re.sub(r'"warehouse"\."intermediate"\."(\w+)"', r"\1", sql)
        whole = connection.execute(f"select period_key, fingerprint from ({sql}) order by all").fetchall()
        assert whole == connection.execute(f"select period_key, fingerprint from ({sql}) order by all").fetchall()
        for parent in parents:
            for column, kind, *_ in connection.execute(f"describe {parent}").fetchall():
                if not is_seen(connection, parent, column, kind, sql, whole):
                    missed.append(f"{parent}.{column}")
    assert len(parents) > 10
    assert missed == []


def is_seen(
    connection: duckdb.DuckDBPyConnection, parent: str, column: str, kind: str, sql: str, whole: list[tuple[Any, ...]]
) -> bool:
    """Whether another value in the column, of all rows, makes another fingerprint."""
    other = {
        "VARCHAR": f"coalesce({column}, '') || '?'",
        "BOOLEAN": f"not coalesce({column}, false)",
        "DATE": f"coalesce({column}, date '2020-01-01') + 1",
        "TIMESTAMP WITH TIME ZONE": f"coalesce({column}, timestamptz '2020-01-01') + interval 1 second",
    }.get(kind, f"coalesce({column}, 0) + 1")
    connection.execute(f"create or replace temp table kept as from {parent}")
    connection.execute(f"update {parent} set {column} = {other}")
    changed = connection.execute(f"select period_key, fingerprint from ({sql}) order by all").fetchall()
    connection.execute(f"create or replace temp table {parent} as from kept")
    return changed != whole


def make_steps_before(connection: duckdb.DuckDBPyConnection, nodes: dict[str, Any], node: dict[str, Any]) -> None:
    """Make a view of every step that the node reads and that a build inlines."""
    stored = "select table_name from duckdb_tables() union all select view_name from duckdb_views()"
    for parent in (nodes[key] for key in node["depends_on"]["nodes"] if key.startswith("model.")):
        if (parent["name"],) not in connection.execute(stored).fetchall():
            make_steps_before(connection, nodes, parent)
            connection.execute(f"create view {parent['relation_name']} as {parent['compiled_code']}")


def test_a_correction_touches_the_periods_that_hold_it_and_those_after(living: Builder, world: RandomWorld) -> None:
    living.build(world.programme, world.as_of, "--select", "+int_periods_to_score")
    assert touched(living) == set()
    correction, month = one_answer_corrected(living, world)
    living.land(correction)
    living.build(world.programme, world.as_of)

    first = f"month {month}-01"
    periods = query(living, "select period_key, previous_period_key from intermediate.int_periods__fingerprints")
    following = {key for key, before in periods if before == first}
    assert {first} | following <= touched(living)
    months = {key for key, _ in periods if key.startswith("month")}
    assert touched(living) & months == {first} | following
    assert remembered(living) == {key for key, _ in periods}


def test_what_failed_stays_as_it_was_and_is_not_remembered(living: Builder, world: RandomWorld) -> None:
    """A build in which one mart cannot be built forgets what it was about to score; the next one scores it."""
    everything, before = remembered(living), living.read()
    living.variables = {"false_discovery_rate": "cast('five' as bigint)"}
    with pytest.raises(BuildError, match="five"):
        living.build(world.programme, world.as_of)
    assert remembered(living) == set() != everything
    assert living.read() == before
    living.variables = {}
    living.build(world.programme, world.as_of)
    assert remembered(living) == everything
    assert living.read() == before


def test_a_missing_mart_is_scored_whole(living: Builder, world: RandomWorld) -> None:
    before = living.read()
    query(living, "drop table marts.rpt_nps")
    living.build(world.programme, world.as_of)
    assert living.read() == before


def test_a_mart_built_alone_is_scored_again(living: Builder, world: RandomWorld) -> None:
    """What a build by hand does to one mart under another constant is gone after the next whole build."""
    before = living.read()
    living.variables = {"suppression_minimum_responses": 999}
    living.build(world.programme, world.as_of, "--select", "rpt_nps", "--full-refresh")
    assert living.read()["rpt_nps"] != before["rpt_nps"]
    living.variables = {}
    living.build(world.programme, world.as_of)
    assert living.read() == before


def test_periods_that_are_gone_leave_no_rows(living: Builder, world: RandomWorld) -> None:
    """The first responses are deleted: the periods before the others are no periods any more."""
    responses = sorted(world.landed["survey.responses"], key=lambda row: row["submitted_at"])
    months = [row["submitted_at"][:7] for row in responses]
    gone = [
        row | {"is_deleted": "true", "updated_at": "2032-01-01T00:00:00Z"}
        for row in responses
        if row["submitted_at"][:7] < months[-1]
    ]
    living.land({"survey.responses": gone})
    living.build(world.programme, world.as_of)
    for mart in ("rpt_nps", "rpt_nps_lineage", "rpt_team_contribution", "rpt_metric_score", "rpt_journey_stage"):
        assert query(
            living,
            f"select count(*) from marts.{mart} where period_grain = 'month' and period_start < '{months[-1]}-01'",
        ) == [(0,)]
