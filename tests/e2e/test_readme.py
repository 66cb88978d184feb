"""The README tells the truth: its commands run, its figures are those of the demo, its length is bearable."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import MAKE, TESTS, Installation

ROOT = TESTS.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]


@pytest.fixture(scope="module")
def environment(demo: Installation) -> dict[str, str]:
    """A user's shell: the commands on the path, the demo's settings, so that nothing is new."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ANSWERABLE_", "DAGSTER_"))}
    return {
        **clean,
        "PATH": f"{Path(sys.executable).parent}:{clean['PATH']}",
        "ANSWERABLE_HOME": str(demo.home),
        "ANSWERABLE_LANDING": str(demo.landing),
        "ANSWERABLE_AS_OF": demo.as_of,
    }


def test_every_command_is_known_here() -> None:
    """A command that is added to the README needs a test below."""
    tested = {"make demo", "make test", "make dev", "answerable run", "answerable status", "answerable doctor"}
    assert {line for line in COMMANDS if not line.startswith("export ")} == tested


def test_it_is_short() -> None:
    assert len(README.split()) < 900


def test_the_scorecard_is_the_one_that_is_printed(demo: Installation) -> None:
    printed = [line.split() for line in (demo.home.parent / "printed.txt").read_text(encoding="utf-8").splitlines()]
    [shown] = [text for kind, text in BLOCKS if not kind and "NPS" in text]
    for line in shown.splitlines():
        if not line.startswith(("Version", "Marts", "Pages", "Checked")):
            assert line.split() in printed, line


def test_the_query_runs(demo: Installation) -> None:
    [script] = [text for kind, text in BLOCKS if kind == "python"]
    script = script.replace("data/published", f"{demo.home}/published")
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "billing" in result.stdout


@pytest.mark.parametrize("command", ["answerable run", "answerable status", "answerable doctor"])
def test_commands(environment: dict[str, str], command: str) -> None:
    result = subprocess.run(command.split(), cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_graph_opens_in_a_browser(environment: dict[str, str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [*MAKE, "dev", f"PORT={port}"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        query = b'{"query": "{assetNodes {assetKey {path} dependencyKeys {path}}}"}'
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/graphql", query, {"Content-Type": "application/json"}
        )
        answer = ""
        for _ in range(120):
            try:
                answer = urllib.request.urlopen(request, timeout=30).read().decode()
                break
            except OSError:
                time.sleep(0.5)
        for key in ('["raw","crm_accounts"]', '["marts","rpt_nps"]', '["published"]'):
            assert key in answer.replace(" ", "")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        # Where interrupts are ignored, as in the background of a shell, its servers stay and answer the next test.
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=20)
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=60)


def test_the_marts_explain_themselves(demo: Installation) -> None:
    silent = "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and comment is null"
    assert demo.rows(silent) == []


def test_the_demo_shows_its_premature_demand(demo: Installation) -> None:
    found = demo.rows(
        """
        select account_id, sent_on::varchar, is_tone_mismatch, recommended_channel from marts.fct_billing_notice
        where is_demand_before_due
        """
    )
    assert found == [("00004000", "2026-04-22", True, "call")]
