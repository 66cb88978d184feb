"""What several alternatives need: the raw tables of a run without the rest, and what the product takes for the same.

Belongs here: copying raw tables, the time to compare with, what dbt says of its results. Does not: any one alternative.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bench import process

if TYPE_CHECKING:
    from bench.runs import Bench

PROJECT = process.CHECKOUT / "dbt_project"
_TIMES_OURS, _LEAST_LIMIT = 20, 600
RAW = ("raw", "vault", "quarantine", "memory")
"""The schemas that no model is in."""

_COPY_RAW = """
import sys, duckdb
source, target, *schemas = sys.argv[1:]
with duckdb.connect() as con:
    con.execute("attach '" + source + "' as run (read_only)")
    con.execute("attach '" + target + "' as warehouse (storage_version 'v1.5.0')")
    for schema, table in con.execute("select schema_name, table_name from duckdb_tables() where database_name = 'run' "
            "and schema_name in (select unnest(?))", [schemas]).fetchall():
        con.execute(f"create schema if not exists warehouse.{schema}")
        con.execute(f"create table warehouse.{schema}.{table} as from run.{schema}.{table}")
"""


class NotInstalledError(Exception):
    """Something this alternative needs is missing; the message says what to install."""


def raw_home(bench: Bench, name: str) -> Path:
    """Return a home that holds the raw tables of the run and its programme, and nothing built."""
    home = bench.work / name
    home.mkdir()
    source, target = bench.home / "warehouse.duckdb", home / "warehouse.duckdb"
    process.measure(process.python("-c", _COPY_RAW, str(source), str(target), *RAW), folder=bench.work)
    return home


def ours(bench: Bench) -> float:
    """Return what a full run takes but for loading and publishing: starting, every model, every test."""
    steps = bench.report.steps
    return sum(steps.values()) - steps["load"] - steps["publish"]


def limit(bench: Bench) -> float:
    """Return the seconds after which an alternative is given up: many times ours, and never less than some minutes."""
    return max(_LEAST_LIMIT, _TIMES_OURS * ours(bench))


def other_marts(bench: Bench, count: Callable[[str], int]) -> str:
    """Return in one line which marts came out with other numbers of rows than ours, empty if none did."""
    from bench.runs import other_rows

    other = other_rows(bench.home, count)
    return f"{len(other)} marts differ from ours: {'; '.join(other[:3])}" if other else ""


def counting(warehouse: Path) -> Callable[[str], int]:
    """Return what counts the rows of a mart in a DuckDB file; none for a mart that is not there."""
    import duckdb

    def count(table: str) -> int:
        with duckdb.connect(str(warehouse), read_only=True) as connection, suppress(duckdb.CatalogException):
            return int(connection.execute(f"select count(*) from marts.{table}").fetchall()[0][0])
        return 0

    return count


def failures(target: Path) -> str:
    """Return in one line what did not work in a dbt build, empty if all did."""
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    counts = Counter(result["status"] for result in results)
    wrong = [result for result in results if result["status"] in ("error", "fail", "runtime error")]
    if not wrong:
        return ""
    first = " ".join(str(wrong[0]["message"]).split())[:160]
    names = ", ".join(result["unique_id"].split(".")[2] for result in wrong[:3])
    return f"{len(wrong)} of {len(results)} nodes fail ({names} …), {counts['skipped']} are skipped: {first}"
