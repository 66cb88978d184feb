"""A changed constant or programme changes every number that depends on it, whatever was scored before."""

from __future__ import annotations

from typing import Any

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
    return builder


def test_changed_constants(living: Builder, clean: Builder, world: RandomWorld) -> None:
    """One of the weights, one of the attribution, one of what is shown."""
    variables: dict[str, Any] = {"max_account_share": 0.2, "attribution_days": 30, "suppression_minimum_responses": 2}
    before = living.read()
    living.variables = clean.variables = variables
    living.build(world.programme, world.as_of)

    assert living.read() == clean.marts([world.landed], world.programme, world.as_of) != before


def test_tables_that_cannot_be_built_stay_as_they_were(living: Builder, world: RandomWorld) -> None:
    before, variables = living.read(), living.variables
    living.variables = {**variables, "suppression_minimum_responses": "cast('five' as bigint)"}
    with pytest.raises(BuildError, match="five"):
        living.build(world.programme, world.as_of)
    living.variables = variables
    assert living.read() == before


def test_a_mart_built_alone_is_scored_again(living: Builder, world: RandomWorld) -> None:
    """What a build by hand does to one mart under another constant is gone after the next whole build."""
    before, variables = living.read(), living.variables
    living.variables = {**variables, "suppression_minimum_responses": 999}
    living.build(world.programme, world.as_of, "--select", "rpt_nps", "--full-refresh")
    assert living.read()["rpt_nps"] != before["rpt_nps"]
    living.variables = variables
    living.build(world.programme, world.as_of)
    assert living.read() == before
