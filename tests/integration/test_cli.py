"""The command line: exit codes, last lines, and what it tells when something is in the way."""

import os
import subprocess
import sys

import duckdb
import pytest
from conftest import Installation

from orchestration.lock import writing


def test_help_needs_none_of_the_heavy_libraries() -> None:
    program = "import answerable.cli, sys; print({'dagster', 'dbt', 'duckdb', 'great_expectations'} & set(sys.modules))"

    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "set()\n"


@pytest.mark.parametrize("arguments", [["walk"], ["run", "--fast"], ["demo", "--accounts", "few"]])
def test_wrong_usage_is_2(installation: Installation, arguments: list[str]) -> None:
    assert installation.run(*arguments).returncode == 2


@pytest.mark.parametrize("command", ["run", "status", "doctor"])
def test_a_wrong_setting_is_2_and_one_line(installation: Installation, command: str) -> None:
    installation.settings["ANSWERABLE_THREADS"] = "several"

    result = installation.run(command)

    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("ANSWERABLE_THREADS: ")
    assert len(result.stderr.splitlines()) == 1


def test_the_summary_shows_the_headline_and_where_things_are(worked_example: Installation) -> None:
    status = worked_example.run("status").stdout

    assert worked_example.rows("select version from marts.publication")[0][0] in status
    assert "Lock        free" in status


def test_doctor_finds_nothing_wrong_and_shows_no_secret(worked_example: Installation) -> None:
    result = worked_example.run("doctor")

    assert result.returncode == 0, result.stdout
    assert worked_example.environment()["ANSWERABLE_HMAC_KEY"] not in result.stdout + result.stderr


def test_doctor_names_a_misspelt_setting(installation: Installation) -> None:
    installation.settings["ANSWERABLE_LANDNIG"] = "/data"

    result = installation.run("doctor")

    assert result.returncode == 1
    assert "ANSWERABLE_LANDNIG" in result.stdout


def test_the_second_of_two_runs_says_who_holds_the_lock(installation: Installation) -> None:
    installation.settings["ANSWERABLE_LOCK_TIMEOUT"] = "0.5"

    with writing(installation.home, "a long run"):
        result = installation.run("run")

    assert result.returncode == 1
    waiting, last = result.stdout.splitlines()[-2:]
    assert waiting.endswith("; waiting")
    assert f"in use by a long run (process {os.getpid()})" in last


def test_a_home_that_cannot_be_written_is_one_line(installation: Installation) -> None:
    installation.home.write_text("a file where the folder should be")

    result = installation.run("run")

    assert result.returncode == 1
    assert str(installation.home) in result.stdout.splitlines()[-1]
    assert "Traceback" not in result.stdout + result.stderr


def test_a_warehouse_that_somebody_has_open_is_one_line(installation: Installation) -> None:
    installation.home.mkdir()
    with duckdb.connect(str(installation.home / "warehouse.duckdb")):
        result = installation.run("run")

    assert result.returncode == 1
    assert f"warehouse.duckdb is in use (process {os.getpid()})" in result.stdout.splitlines()[-1]
    assert "Traceback" not in result.stdout + result.stderr
