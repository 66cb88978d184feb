"""`answerable run` on random worlds against the independent reference implementation, figure by figure."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Installation
from e2e.oracle import differences, found_by_subtraction
from reference import load_world
from reference.random_world import write_world


@pytest.mark.parametrize("seed", [6, 9])
def test_marts_equal_the_reference(tmp_path: Path, seed: int) -> None:
    world = write_world(seed, tmp_path)
    installation = Installation(tmp_path / "home", world.landing, world.programme, world.as_of)
    result = installation.run("run")
    assert result.returncode == 0, result.stdout + result.stderr
    with installation.published() as connection:
        assert differences(connection, load_world(world.landing, world.programme, world.as_of)) == []
        withholding, found = found_by_subtraction(connection, installation.home / "warehouse.duckdb")
        assert withholding
        assert found == []
