"""A home whose warehouse is loaded and built step by step, without Dagster around it.

Belongs here: landing rows, loading, building, reading the marts back; the dbt project compiled, step by step. Does not:
what is landed, what is expected.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from landed import grown_old

from answerable.settings import Settings
from ingest import load, programme
from orchestration import build_state, dbt_process, manifest

KEY = bytes.fromhex("5e" * 32)
# What remembers when things were loaded or seen is no part of any promise: these marts and columns are left out.
MEMORY: dict[str, set[str]] = {
    "data_quality_issues": {"first_seen_at", "resolved_at"},
    "fct_billing_notice": {"check_id", "was_checked"},
    "fct_feedback_delivery": {
        "loaded_at",
        "served_at",
        "delivered_at",
        "loaded_hours",
        "served_hours",
        "delivered_hours",
    },
    "rpt_feedback_latency": {
        f"{step}_{share}_hours" for step in ("loaded", "served", "delivered") for share in ("p50", "p95")
    },
}
MEMORIES = {"publication", "rpt_restatement", "fct_notice_check", "rpt_guard_effect"}
OPEN = {"data_quality_issues": "where resolved_at is null"}

Rows = list[dict[str, str]]
Tables = dict[str, list[dict[str, Any]]]
Programme = dict[str, Rows]


class Builder:
    """One home, emptied on request: the dbt project is parsed once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(home=folder / "home", landing=folder / "landing")
        self.variables: dict[str, Any] = {}
        self._landed = 0

    def marts(self, cuts: list[dict[str, Rows]], rules: Programme, as_of: str) -> Tables:
        """Land each cut in turn, load after each, build once; return every mart as sorted rows."""
        self.empty()
        for cut in cuts:
            self.land(cut)
        self.build(rules, as_of)
        return self.read()

    def empty(self) -> None:
        """Begin again with nothing landed and no warehouse."""
        shutil.rmtree(self.settings.landing, ignore_errors=True)
        self.settings.landing.mkdir(parents=True)
        self.settings.home.mkdir(exist_ok=True)
        for file in self.settings.home.glob("warehouse.duckdb*"):
            file.unlink()
        load.prepare(self.settings.warehouse)

    def land(self, cut: dict[str, Rows]) -> None:
        """Write the rows into files of their own and load them."""
        self._landed += 1
        for entity, rows in cut.items():
            write(self.settings.landing / entity.replace(".", "/") / f"cut_{self._landed}.csv", rows)
        report = load.load(self.settings.warehouse, self.settings.landing, self.settings.home, hmac_key=KEY)
        assert not any(entity.rows_quarantined or entity.rejected for entity in report.entities.values())

    def build(self, rules: Programme, as_of: str, *arguments: str) -> None:
        """Build under a programme and a clock; every model unless the arguments select some."""
        for name, rows in rules.items():
            write(self.folder / "programme" / f"{name}.csv", rows)
        programme.resolve(
            self.folder / "programme", manifest.DEFAULT_PROGRAMME, manifest.programme_directory(self.settings)
        )
        load.set_clock(self.settings.warehouse, datetime.fromisoformat(as_of))
        manifest.load(self.settings)
        variables = ["--vars", json.dumps(self.variables)]
        for _ in dbt_process.build(self.settings, ["--exclude-resource-type", "test", *variables, *arguments]):
            pass
        if "--select" not in arguments:
            with duckdb.connect(str(self.settings.warehouse)) as connection:
                build_state.finish_build(connection, build_state.Build(True, "programme", "project"))

    def read(self) -> Tables:
        """Return every mart as sorted rows."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            return marts_of(connection)


def in_order(models: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield models after all they depend on."""
    waiting = {model["unique_id"]: model for model in models}
    while waiting:
        ready = [model for model in waiting.values() if not waiting.keys() & set(model["depends_on"]["nodes"])]
        for model in ready:
            yield waiting.pop(model["unique_id"])


def marts_of(connection: duckdb.DuckDBPyConnection) -> Tables:
    """Return every mart of a warehouse or a published version as sorted rows, without what remembers loads."""
    connection.execute("SET TimeZone = 'UTC'")
    tables = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' order by all"
    ).fetchall()
    return {name: list(_rows(connection, name)) for (name,) in tables if name not in MEMORIES}


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[dict[str, Any]]:
    cursor = connection.execute(f"select * from marts.{table} {OPEN.get(table, '')} order by all")
    columns = [column[0] for column in cursor.description or []]
    for row in cursor.fetchall():
        yield {name: value for name, value in zip(columns, row, strict=True) if name not in MEMORY.get(table, ())}


def write(path: Path, rows: Rows) -> None:
    """Write rows as CSV; nothing where there are none."""
    if not rows:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    grown_old(path)
