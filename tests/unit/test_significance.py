"""The p-values of the dbt project against scipy's, over statistics and degrees of freedom large and small.

Belongs here: the compiled SQL of the macro `with_p_values` on a made-up grid. Does not: where its statistics come from
(unit tests of dbt), the variance behind them (tests/e2e/test_statistics.py).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from scipy import stats

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
DEGREES = (2, 3, 4, 5, 6, 7, 11, 24, 51, 100, 999, 1000, 20_001, 100_000)
STATISTICS = (0.0, 1e-9, 0.001, 0.3, 0.5, 1.0, 1.644854, 1.959964, 2.5, 3.0, 4.0, 6.0, 12.0, 40.0, 1e4)
QUERY = """
with
tests as (select * from test_rows),
numbers as (select * from number_rows)
{{ with_p_values('tests', ['name', 'degrees'], 'numbers') }}
"""


@pytest.fixture(scope="module")
def p_values(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[float | None, int], float | None]:
    """Return what the SQL makes of every statistic, both signs of it, and of none, by statistic and degrees."""
    home = tmp_path_factory.mktemp("significance")
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "dbt.cli.main",
                "--quiet",
                "compile",
                "--target",
                "inspect",
                "--inline",
                QUERY,
                "--output",
                "json",
            ),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(home / "target"), "--log-path", str(home / "logs")),
        ],
        env={**os.environ, "ANSWERABLE_HOME": str(home), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    statistics = [sign * t for t in STATISTICS for sign in (1, -1)]
    rows = [(str(t), n, t) for t in (*statistics, None) for n in DEGREES]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE test_rows (name VARCHAR, degrees BIGINT, t_statistic DOUBLE)")
        connection.executemany("INSERT INTO test_rows VALUES (?, ?, ?)", rows)
        connection.execute("CREATE TABLE number_rows AS SELECT i::DOUBLE AS number FROM range(60000) AS r (i)")
        found = connection.execute(
            f"SELECT t_statistic, degrees, p_value FROM ({json.loads(done.stdout)['compiled']})"
        ).fetchall()
    assert len(found) == len(rows)
    return {(t, n): p for t, n, p in found}


@pytest.mark.parametrize("degrees", DEGREES)
def test_p_values_are_those_of_scipy(p_values: dict[tuple[float | None, int], float | None], degrees: int) -> None:
    for statistic in STATISTICS:
        wanted = float(2 * stats.t.sf(statistic, degrees))
        for t in (statistic, -statistic):
            assert p_values[t, degrees] == pytest.approx(wanted, rel=0, abs=1e-11), (t, degrees)


def test_no_statistic_has_no_p_value(p_values: dict[tuple[float | None, int], float | None]) -> None:
    assert {p_values[None, degrees] for degrees in DEGREES} == {None}


def test_by_hand(p_values: dict[tuple[float | None, int], float | None]) -> None:
    """t = 1 with 2 degrees: tan = 1/√2, sin = 1/√3, p = 1 - 1/√3. With 4: tan = 1/2, sin = 1/√5, cos² = 4/5,
    p = 1 - (1 + 2/5)/√5."""
    assert p_values[1.0, 2] == pytest.approx(1 - 3**-0.5, abs=1e-15)
    assert p_values[1.0, 4] == pytest.approx(1 - 1.4 * 5**-0.5, abs=1e-15)
