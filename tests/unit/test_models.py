"""The unit tests of the dbt models, whose numbers are worked by hand in their descriptions.

Belongs here: running them on empty tables of the right types. Does not: the tests themselves (dbt_project/models).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest import load

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Message of each unit test by its name, empty where it passed."""
    home = tmp_path_factory.mktemp("models")
    load.prepare(home / "warehouse.duckdb")
    options = {
        "project-dir": PROJECT,
        "profiles-dir": PROJECT,
        # every model a relation, whose columns give the types of what a test does not say
        "target": "inspect",
        "target-path": home / "target",
        "log-path": home / "logs",
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    empty = ["build", "--empty", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test", *given]
    commands = [empty, ["test", "--select", "test_type:unit", *given]]
    subprocess.run(
        [sys.executable, "-c", f"from dbt.cli.main import dbtRunner; [dbtRunner().invoke(one) for one in {commands}]"],
        env={**os.environ, "ANSWERABLE_HOME": str(home), "ANSWERABLE_SEEDS": "", "DO_NOT_TRACK": "1"},
        capture_output=True,
        check=False,
    )
    found = json.loads((home / "target" / "run_results.json").read_text(encoding="utf-8"))
    return {
        result["unique_id"]: "" if result["status"] == "pass" else result["message"]
        for result in found["results"]
        if result["unique_id"].startswith("unit_test.")
    }


def test_every_unit_test_of_the_models_passes(results: dict[str, str]) -> None:
    assert len(results) >= 89
    assert {name: message for name, message in results.items() if message} == {}
