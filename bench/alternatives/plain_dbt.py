"""The same project by `dbt build`, as somebody runs it who has dbt alone: the same raw tables, models and tests.

Belongs here: that command. Does not: loading and publishing, for which dbt has nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import process
from bench.alternatives.common import (
    PROJECT,
    counting,
    failures,
    limit,
    other_marts,
    ours,
    raw_home,
)
from bench.figures import Alternative

if TYPE_CHECKING:
    from bench.runs import Bench

NAME = "plain dbt build"
WORK = "models and tests, no load and no publishing; ours likewise"


def timed_build(bench: Bench, profiles: str, environment: dict[str, str], target: str) -> tuple[float | None, str]:
    """Return the seconds of `dbt build` with these profiles; None and the reason if not all of it worked."""
    folder = bench.work / target
    # From raw: what a copied memory says was built before is not there.
    command = ["build", "--full-refresh", "--exclude-resource-type", "unit_test", "--project-dir", str(PROJECT)]
    places = ["--profiles-dir", profiles, "--target-path", str(folder), "--log-path", str(folder)]
    ran = process.measure(
        process.python("-m", "dbt.cli.main", *command, *places),
        folder=bench.work,
        environment=environment,
        fine=(0, 1),
        limit=limit(bench),
    )
    failed = failures(folder)
    return (None, failed) if failed else (ran.seconds, "")


def measure(bench: Bench) -> Alternative:
    """Build everything on a copy of the raw tables."""
    home = raw_home(bench, "plain_dbt")
    environment = {**bench.environment(home), "ANSWERABLE_SEEDS": str(bench.home / "programme")}
    seconds, failed = timed_build(bench, str(PROJECT), environment, "plain_dbt_target")
    note = failed or other_marts(bench, counting(home / "warehouse.duckdb"))
    return Alternative(NAME, WORK, seconds, ours(bench), note)
