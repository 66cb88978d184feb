"""`answerable run` under `kill -9`, while records keep coming, the programme changes and readers read.

Belongs here: whatever instant it hits, the published version is whole, the next run needs no repair, and what comes out
is what one clean run gives. KILLS asks for more instants than the few that fit into every test run; the 50 of the slow
part are `pytest -m slow tests/integration/test_run_killed.py`.
Does not: kills of a load or a publication alone (test_load_commit, test_publishing_killed).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from building import marts_of, write
from conftest import COMMAND, Installation
from dagster import DagsterRunStatus
from reference.random_world import make_world

from answerable.settings import Settings
from orchestration.instance import open_instance

SEED = 11

# Reads the served version again and again, as a BI tool would, and stops at the first thing that is wrong.
READER = """
import json, os, sys, time
import duckdb
path, stop = sys.argv[1:]
reads = 0
while not os.path.exists(stop):
    if not os.path.exists(path):
        time.sleep(0.05)
        continue
    with duckdb.connect(path, read_only=True) as connection:
        counts = json.loads(connection.execute(
            "select row_counts from marts.publication order by version desc limit 1").fetchall()[0][0])
        for table, expected in counts.items():
            found = connection.execute(f"select count(*) from marts.{table}").fetchall()[0][0]
            assert found == expected, (table, found, expected)
    reads += 1
    time.sleep(0.2)
print(reads)
"""


@pytest.fixture
def living(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "home", tmp_path / "landing", tmp_path / "programme")


def kill_and_compare(living: Installation, tmp_path: Path, kills: int) -> None:
    """Kill runs at random instants while records land; then let one end, and compare with a clean home."""
    world, chance = make_world(SEED), random.Random(kills)
    rows = [(entity, row) for entity, entity_rows in world.landed.items() for row in entity_rows]
    chance.shuffle(rows)
    living.as_of = world.as_of
    for name, programme_rows in world.programme.items():
        write(tmp_path / "programme" / f"{name}.csv", programme_rows)
    parts = [rows[number :: kills + 1] for number in range(kills + 1)]

    land(living, parts[0], 0)
    started = time.monotonic()
    first = living.run("run")
    assert first.returncode == 0, first.stdout + first.stderr
    whole_run = time.monotonic() - started
    with reading(living.home / "published" / "current" / "answerable.duckdb", tmp_path / "stop"):
        for number in range(1, kills + 1):
            land(living, parts[number], number)
            if number == kills // 2:
                owners = world.programme["touchpoint_owners"]
                owners[0]["team_id"] = world.programme["teams"][-1]["team_id"]
                write(tmp_path / "programme" / "touchpoint_owners.csv", owners)
            kill(living, chance.uniform(0, 1.05 * whole_run))
        last = living.run("run")
    assert last.returncode == 0, last.stdout + last.stderr
    assert_nothing_is_running(living.home)

    clean = Installation(tmp_path / "clean", living.landing, living.programme, living.as_of)
    done = clean.run("run")
    assert done.returncode == 0, done.stdout + done.stderr
    with living.published() as lived, clean.published() as expected:
        assert marts_of(lived) == marts_of(expected)


def land(installation: Installation, rows: list[tuple[str, dict[str, str]]], number: int) -> None:
    by_entity: dict[str, list[dict[str, str]]] = {}
    for entity, row in rows:
        by_entity.setdefault(entity, []).append(row)
    for entity, entity_rows in by_entity.items():
        write(installation.landing / entity.replace(".", "/") / f"part_{number}.csv", entity_rows)


def kill(installation: Installation, seconds: float) -> None:
    """Start a run and kill it and all it started after some seconds; it may have ended before."""
    with subprocess.Popen(
        [str(COMMAND), "run"],
        env=installation.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def reading(path: Path, stop: Path) -> Iterator[None]:
    """Have two readers at the published version meanwhile; none of their reads may fail or see a mixed version."""
    command = [sys.executable, "-c", READER, str(path), str(stop)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        yield
    finally:
        stop.touch()
        outcomes = [(*reader.communicate(), reader.returncode) for reader in readers]
    for printed, error, code in outcomes:
        assert code == 0, error
        assert int(printed) > 0


def assert_nothing_is_running(home: Path) -> None:
    with open_instance(Settings(home=home)) as instance:
        unfinished = [run.status for run in instance.get_runs() if not run.is_finished]
        succeeded = instance.get_runs(limit=1)[0].status
    assert unfinished == []
    assert succeeded == DagsterRunStatus.SUCCESS


def test_a_few_kills(living: Installation, tmp_path: Path) -> None:
    kill_and_compare(living, tmp_path, kills=int(os.environ.get("KILLS", "2")))


@pytest.mark.slow
def test_fifty_kills(living: Installation, tmp_path: Path) -> None:
    kill_and_compare(living, tmp_path, kills=50)
