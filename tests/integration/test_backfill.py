"""Backfills: a month, an entity or a selection is materialized again, and the marts are what they were."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest
from building import marts_of
from conftest import Installation

# Nonsense that no test of rows sees: a run publishes it.
SPOILT = """
update intermediate.int_interactions__resolved set channel = 'spoilt';
update marts.fct_journey_stage set interaction_count = 99;
update marts.rpt_metric_score set response_count = 99;
"""


@pytest.fixture
def installation(worked_example: Installation, tmp_path: Path) -> Installation:
    return worked_example.copy(tmp_path)


def dagster(installation: Installation, *selections: tuple[str, ...]) -> None:
    """Materialize assets as a data engineer does from the checkout, one selection after another in one process."""
    commands = [("asset", "materialize", "-m", "orchestration.definitions", "--select", *one) for one in selections]
    program = f"from dagster._cli import cli; [cli(one, standalone_mode=False) for one in {commands}]"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**installation.environment(), "DAGSTER_HOME": str(installation.home / "dagster")},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_months_are_scored_again_and_others_left_alone(installation: Installation) -> None:
    """Facts are built whole by any run; of the scores, those of the months and of the periods that hold their days."""
    with installation.published() as connection:
        before = marts_of(connection)
    with duckdb.connect(str(installation.home / "warehouse.duckdb")) as connection:
        connection.execute(SPOILT)
    # a backfill of several months in one run, as the UI does it
    dagster(installation, ("recomputed_months", "--partition-range", "2025-05-01...2025-06-01"))
    done = installation.run("run")
    assert done.returncode == 0, done.stdout + done.stderr

    with installation.published() as connection:
        after = marts_of(connection)
    spoilt = [row for row in after["rpt_metric_score"] if row["response_count"] == 99]
    months = {row["period_start"] for row in spoilt if row["period_grain"] == "month"}
    assert months and max(months) < date(2025, 5, 1)
    assert all(row["period_end"] <= date(2025, 5, 1) for row in spoilt)
    after["rpt_metric_score"] = [row for row in after["rpt_metric_score"] if row["response_count"] != 99]
    keys = {(row["period_grain"], row["period_start"]) for row in after["rpt_metric_score"]}
    before["rpt_metric_score"] = [
        row for row in before["rpt_metric_score"] if (row["period_grain"], row["period_start"]) in keys
    ]
    assert after == before


def test_any_selection_gives_the_same_marts(installation: Installation) -> None:
    with installation.warehouse() as connection:
        before = marts_of(connection)
    everything_after = "key:raw/survey_answers+ and not key:column_lineage"
    dagster(installation, (everything_after,), ("key:marts/rpt_nps",), ("+key:marts/fct_journey_stage",))
    with installation.warehouse() as connection:
        assert marts_of(connection) == before
