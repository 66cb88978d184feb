"""Backfills: a month, an entity or a selection is materialized again, and the marts are what they were."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from building import Tables, marts_of
from conftest import Installation

# Nonsense that no test of rows sees: a run publishes it.
SPOILT = """
update marts.fct_interaction set channel = 'spoilt';
update marts.fct_journey_stage set interaction_count = 99;
update marts.rpt_metric_score set response_count = 99 where period_start <= $last and period_end > $first;
"""
LEFT = "select max(period_start) from marts.rpt_metric_score where response_count = 99 and period_grain = 'month'"


@pytest.fixture(scope="module")
def installation(worked_example: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    home = tmp_path_factory.mktemp("backfill") / "home"
    shutil.copytree(worked_example.home, home, symlinks=True)
    return replace(worked_example, home=home)


def marts(installation: Installation) -> Tables:
    with installation.published() as connection:
        return marts_of(connection)


def dagster(installation: Installation, *arguments: str) -> None:
    """Materialize assets as a data engineer does from the checkout."""
    done = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "dagster"), "asset", "materialize"),
            *("-m", "orchestration.definitions", *arguments),
        ],
        env={**installation.environment(), "DAGSTER_HOME": str(installation.home / "dagster")},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def recompute(installation: Installation, first_month: str, last_month: str) -> None:
    """Backfill the months in one run, as the UI does, then run the job."""
    months = ("--partition-range", f"{first_month}-01...{last_month}-01")
    dagster(installation, "--select", "recomputed_months", *months)
    done = installation.run("run")
    assert done.returncode == 0, done.stdout + done.stderr


def spoil(installation: Installation, first: str, last: str) -> None:
    """Write nonsense into facts, and into the scores of the periods that hold days between two."""
    with duckdb.connect(str(installation.home / "warehouse.duckdb")) as connection:
        for statement in SPOILT.split(";")[:-1]:
            bounds = {"first": first, "last": last} if "$first" in statement else None
            connection.execute(statement, bounds)


def test_months_are_scored_again_and_others_left_alone(installation: Installation) -> None:
    """Facts are built whole by any run; of the scores, those of the months and of the periods that hold their days."""
    before = marts(installation)
    spoil(installation, "2025-02-01", "2025-06-20")
    recompute(installation, "2025-06", "2025-06")
    assert installation.raw_rows("select count(*) from marts.fct_interaction where channel = 'spoilt'") == [(0,)]
    [(last_spoilt,)] = installation.raw_rows(LEFT)
    assert last_spoilt is not None and last_spoilt < date(2025, 6, 1)
    recompute(installation, "2025-02", "2025-05")

    assert marts(installation) == before


def test_any_selection_gives_the_same_marts(installation: Installation) -> None:
    before = marts(installation)
    everything_after = "key:raw/survey_answers+ and not key:column_lineage"
    for selection in (everything_after, "key:marts/rpt_nps", "+key:marts/fct_journey_stage"):
        dagster(installation, "--select", selection)
    done = installation.run("run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert marts(installation) == before
