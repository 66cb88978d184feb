"""A changed constant or programme recomputes what depends on it, all of it and nothing else."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from building import Builder
from reference.random_world import RandomWorld, make_world

from orchestration.dbt_process import BuildError

SEED = 4


@pytest.fixture(scope="module")
def world() -> RandomWorld:
    return make_world(SEED)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    return Builder(tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory, world: RandomWorld) -> Builder:
    builder = Builder(tmp_path_factory.mktemp("living"))
    builder.marts([world.landed], world.programme, world.as_of)
    builder.publish()
    return builder


def built_whole(builder: Builder) -> set[str]:
    with duckdb.connect(str(builder.settings.warehouse), read_only=True) as connection:
        return {name for (name,) in connection.execute("select model from build.changes where name = '*'").fetchall()}


@pytest.mark.parametrize(
    ("variables", "rebuilt", "kept"),
    [
        (
            {"max_account_share": 0.2},
            {"int_nps_account_weights", "rpt_nps"},
            {"fct_interaction", "int_nps_frame_cells"},
        ),
        ({"attribution_days": 30}, {"int_responses_attributed"}, {"rpt_nps", "fct_interaction"}),
        ({"suppression_minimum_responses": 2}, {"rpt_nps"}, {"rpt_nps_lineage", "int_nps_groups_summed"}),
    ],
)
def test_a_changed_constant(
    living: Builder,
    clean: Builder,
    world: RandomWorld,
    variables: dict[str, Any],
    rebuilt: set[str],
    kept: set[str],
) -> None:
    living.variables = clean.variables = {**living.variables, **variables}
    living.build(world.programme, world.as_of)
    found = built_whole(living)
    living.publish()
    assert rebuilt <= found
    assert not kept & found
    assert living.read() == clean.marts([world.landed], world.programme, world.as_of)


def test_tables_that_cannot_be_built_stay_as_they_were(living: Builder, world: RandomWorld) -> None:
    """The old table is dropped before the new one is written: if that fails, neither has happened."""
    before, variables = living.read(), living.variables
    living.variables = {**variables, "suppression_minimum_responses": "cast('five' as bigint)"}
    with pytest.raises(BuildError, match="five"):
        living.build(world.programme, world.as_of)
    living.variables = variables
    assert living.read() == before


def test_a_renamed_team_rebuilds_no_score(living: Builder, clean: Builder, world: RandomWorld) -> None:
    teams = [{**row, "team_name": f"{row['team_name']} (new)"} for row in world.programme["teams"]]
    rules = world.programme | {"teams": teams}
    living.build(rules, world.as_of)

    assert not built_whole(living) & {"fct_interaction", "fct_journey_stage", "rpt_nps", "int_responses_attributed"}
    assert living.read() == clean.marts([world.landed], rules, world.as_of)
