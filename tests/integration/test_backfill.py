"""Backfills: a month, an entity or a selection is materialized again, and the marts are what they were."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from building import Tables, marts_of
from conftest import Installation

SPOILT = """
update staging.stg_crm__interactions set channel = 'spoilt' where occurred_at::date between $first and $last;
update marts.fct_interaction set channel = 'spoilt' where occurred_at::date between $first and $last;
update marts.fct_journey_stage set interaction_count = 99 where journey_instance_id in
    (select journey_instance_id from marts.fct_interaction where occurred_at::date between $first and $last);
update marts.fct_survey_answer set score = 99 where submitted_at::date between $first and $last;
update marts.rpt_nps set score = 99, response_count = 99 where period_start <= $last and period_end > $first;
update marts.rpt_nps_lineage set weight = 99 where period_start <= $last and period_end > $first;
update marts.rpt_team_contribution_lineage set share = 99 where period_start <= $last and period_end > $first;
"""


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
    """Write nonsense into what happened between two days."""
    with duckdb.connect(str(installation.home / "warehouse.duckdb")) as connection:
        for statement in SPOILT.split(";")[:-1]:
            connection.execute(statement, {"first": first, "last": last})


def test_months_are_computed_again_from_raw_and_others_left_alone(installation: Installation) -> None:
    """A backfill of one month costs one month."""
    before = marts(installation)
    spoil(installation, "2025-02-01", "2025-06-20")
    recompute(installation, "2025-04", "2025-04")
    spoilt = "select count(*) from marts.fct_interaction where channel = 'spoilt'"
    assert installation.raw_rows(spoilt)[0][0] > 0
    recompute(installation, "2025-02", "2025-06")

    assert marts(installation) == before


def test_any_selection_gives_the_same_marts(installation: Installation) -> None:
    before = marts(installation)
    everything_after = "key:raw/survey_answers+ and not key:column_lineage"
    for selection in (everything_after, "key:marts/rpt_nps", "+key:marts/fct_journey_stage"):
        dagster(installation, "--select", selection)
    done = installation.run("run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert marts(installation) == before
