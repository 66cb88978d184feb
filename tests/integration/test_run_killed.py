"""`answerable run` under `kill -9`, while records keep coming, the programme changes and readers read.

Belongs here: whatever instant it hits, the published version is whole, the next run needs no repair, and what comes out
is what one clean build gives. Every test run kills in each step; `pytest -m slow tests/integration/test_run_killed.py`
kills at 50 random instants, or as many as KILLS says.
Does not: kills of a load or a publication alone (test_load_commit, test_publishing_killed).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from building import Builder, marts_of, write
from conftest import COMMAND, WORKED_EXAMPLE, Installation
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
    time.sleep(0.5)
print(reads)
"""


def test_killed_in_each_step(worked_example: Installation, tmp_path: Path) -> None:
    shutil.copytree(worked_example.landing, tmp_path / "landing")
    shutil.copytree(WORKED_EXAMPLE / "programme", tmp_path / "programme")
    living = replace(worked_example.copy(tmp_path), landing=tmp_path / "landing", programme=tmp_path / "programme")
    published = living.home / "published" / "current" / "answerable.duckdb"
    with reading(published, tmp_path / "stop"):
        for number, step in enumerate(("Loading", "Building", "Publishing")):
            answer = f"R0{number + 1},LTR,{number},2025-06-05T12:00:00Z"
            living.land("survey.answers", f"response_id,question_id,score,updated_at\n{answer}\n", f"{step}.csv")
            if step == "Publishing":
                owners = tmp_path / "programme" / "touchpoint_owners.csv"
                owners.write_text(owners.read_text().replace("tp_field,*,*,field", "tp_field,*,*,support"))
            kill_in(living, step)
        last = living.run("run")
    assert last.returncode == 0, last.stdout + last.stderr
    assert_nothing_is_running(living.home)
    assert_like_a_clean_build(living, tmp_path / "clean")


@pytest.mark.slow
def test_killed_at_random_instants(tmp_path: Path) -> None:
    """Kill runs of a random world at random instants while records land; then let one end."""
    kills = int(os.environ.get("KILLS", "50"))
    living = Installation(tmp_path / "home", tmp_path / "landing", tmp_path / "programme")
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
    assert_like_a_clean_build(living, tmp_path / "clean")


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


def kill_in(installation: Installation, step: str) -> None:
    """Kill a run a moment after it says that a step has begun."""
    command, folder = [str(COMMAND), "run"], installation.landing.parent
    with subprocess.Popen(
        command, env=installation.environment(), cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if step in line:
                break
        assert said and step in said[-1], "".join(said)
        time.sleep(random.uniform(0, 0.5))
        process.send_signal(signal.SIGKILL)


def assert_like_a_clean_build(living: Installation, folder: Path) -> None:
    assert living.programme
    folder.mkdir()
    clean = Builder(folder)
    clean.empty()
    shutil.copytree(living.landing, clean.settings.landing, dirs_exist_ok=True)
    shutil.copytree(living.programme, folder / "programme")
    clean.land({})
    clean.build({}, living.as_of)
    with living.published() as lived:
        assert marts_of(lived) == clean.read()


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
