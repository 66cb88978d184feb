"""The floor: one DuckDB process that reads the same landed files and runs the same compiled SQL, and nothing else.

Belongs here: what the floor does, and what it leaves out. Does not: comparing it with a run (runs).

It has: every landed file read into a typed table (`create table … as` over DuckDB's own reader with the contract's
types), the compiled SQL of every model as a view where it is one and else as `create table … as`, in dependency order,
the marts written once to a DuckDB file and once to Parquet; the threads and the memory limit of a run. How a run keeps
tables up to date is nothing to the floor: it knows a manifest alone.
It has not: validation, quarantine, hashing of records and people, a ledger, tests, checks, contracts on the marts, an
event log, syncing to disk, Python beyond this file. Record hashes are replaced by DuckDB's cheap `hash`; tables that a
run keeps for itself (its clock, its ledger, the keys of contacts, the programme) are copied from the run's warehouse.

    python -m bench.floor HOME LANDING OUT      compiles the project on a finished home, then runs the floor
    python -m bench.floor PLAN.json             the floor alone: prints seconds and rows as JSON
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

HEADLINES = """
    select level, period_grain, period_start::varchar, score from marts.rpt_nps where is_headline order by all
"""
_PROJECT = Path(__file__).resolve().parents[1] / "dbt_project"
_STORAGE = "storage_version 'v1.5.0'"  # as a run does: it is faster than the default


@dataclass(frozen=True)
class Model:
    """One model: its relation as the compiled SQL names it (catalog, schema, name), whether it is a view, its SQL."""

    name: str
    relation: str
    is_view: bool
    sql: str


@dataclass(frozen=True)
class Plan:
    """All that a floor process needs.

    landed: per table `schema.name` the files and the types to read, name → DuckDB type. warehouse: the file of a
    finished run. folder: where the floor writes its own. settings: DuckDB's.
    """

    warehouse: str
    folder: str
    landed: dict[str, tuple[list[str], dict[str, str]]]
    models: list[Model]
    settings: dict[str, str]

    def write(self, path: Path) -> Path:
        """Write the plan for a process; return the path."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return path

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Read what `write` wrote."""
        values = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**values, "models": [Model(**model) for model in values["models"]]})


def plan(manifest: Mapping[str, Any], landing: Path, warehouse: Path, folder: Path, settings: dict[str, str]) -> Plan:
    """Return what the floor does for a compiled dbt manifest, the landing zone and the warehouse of a finished run."""
    from ingest.contracts import load_contracts
    from ingest.rules import sql_type

    contracts = {contract.table: contract for contract in load_contracts().values()}
    landed: dict[str, tuple[list[str], dict[str, str]]] = {}
    for source in manifest["sources"].values():
        table = f"{source['schema']}.{source['identifier']}"
        if contract := contracts.get(source["identifier"]):
            files = sorted(str(path) for path in landing.joinpath(contract.source, contract.entity).rglob("*.*"))
            landed[table] = files, {column.name: sql_type(column) for column in contract.content}
    return Plan(str(warehouse), str(folder), landed, list(models_in_order(manifest)), settings)


def settings_of_a_run(threads: int, memory_limit: str | None) -> dict[str, str]:
    """Return the DuckDB settings that the models of a run are built with."""
    return {
        "TimeZone": "UTC",
        "threads": str(threads),
        "memory_limit": memory_limit or "4GiB",
        "preserve_insertion_order": "false",
        "checkpoint_threshold": "128MiB",
        "enable_progress_bar": "false",
    }


def compiled(home: Path, target: Path) -> dict[str, Any]:
    """Compile every model as a full refresh would, on a home that a run filled; return the manifest.

    Raises subprocess.CalledProcessError with what dbt said.
    """
    places = {"--project-dir": _PROJECT, "--profiles-dir": _PROJECT, "--target-path": target, "--log-path": target}
    options = [str(part) for place in places.items() for part in place]
    subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "compile", "--full-refresh", "--quiet", *options],
        env={**os.environ, "ANSWERABLE_HOME": str(home), "ANSWERABLE_SEEDS": str(home / "programme")},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads((target / "manifest.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def models_in_order(manifest: Mapping[str, Any]) -> Iterator[Model]:
    """Yield the models of a compiled manifest, each after those it reads; ephemeral ones are in the SQL of others."""
    models = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    reads = {key: sorted(models.keys() & set(models[key]["depends_on"]["nodes"])) for key in sorted(models)}
    for key in TopologicalSorter(reads).static_order():
        node = models[key]
        if (materialized := node["config"]["materialized"]) != "ephemeral":
            yield Model(node["name"], node["relation_name"], materialized == "view", node["compiled_code"])


def run(todo: Plan) -> dict[str, Any]:
    """Do the work of the plan in this process; return seconds by part and model, rows by mart and the headlines."""
    seconds: dict[str, float] = {}
    by_model: dict[str, float] = {}
    rows: dict[str, int] = {}
    headlines: list[tuple[Any, ...]] = []
    folder = Path(todo.folder)
    with duckdb.connect() as con:
        for name, value in todo.settings.items():
            con.execute(f"set {name} = {_literal(value)}")
        # The compiled SQL names the catalog after the warehouse's file.
        file = folder / Path(todo.warehouse).name
        con.execute(f"attach {_literal(str(file))} as {_quoted(file.stem)} ({_STORAGE})")
        con.execute(f"use {_quoted(file.stem)}")
        con.execute("detach memory")  # the warehouse has a schema of this name
        con.execute(f"attach {_literal(todo.warehouse)} as run (read_only)")
        with _timed(seconds, "load"):
            for table, (files, types) in todo.landed.items():
                _read(con, table, files, types)
            for table in _kept(con, todo) if todo.models else ():
                _create(con, table, f"from run.{table}")
            for model in todo.models:
                if model.relation in model.sql:  # it adds to its own history, which has not begun
                    schema, table = model.relation.replace('"', "").split(".")[1:]
                    _create(con, f"{schema}.{table}", f"from run.{schema}.{table} limit 0")
        con.execute("detach run")
        with _timed(seconds, "models"):
            for model in todo.models:
                con.execute(f"create schema if not exists {model.relation.split('.')[1]}")
                with _timed(by_model, model.name):
                    kind = "view" if model.is_view else "table"
                    con.execute(f"create or replace {kind} {model.relation} as {model.sql}")
        if todo.models:
            with _timed(seconds, "publish"):
                rows = _publish(con, folder / "published")
            headlines = con.execute(HEADLINES).fetchall()
        closing = time.perf_counter()
        con.execute("attach ':memory:' as elsewhere")
        con.execute("use elsewhere")
        con.execute(f"detach {_quoted(file.stem)}")
    seconds["close"] = time.perf_counter() - closing
    return {"seconds": seconds, "by_model": by_model, "rows": rows, "headlines": headlines}


def _read(con: duckdb.DuckDBPyConnection, table: str, files: list[str], types: Mapping[str, str]) -> None:
    """Read files into a typed table that has every column of the run's own table, those a run adds as stand-ins."""
    columns = con.execute(f"describe run.{table}").fetchall()
    hashed = f"hash({', '.join(map(_quoted, types))})::varchar"
    added = {
        str(name): f"{hashed if name == '_record_hash' else f'null::{kind}'} as {_quoted(str(name))}"
        for name, kind, *_ in columns
        if name not in types
    }
    chosen = ", ".join(added.get(str(name), _quoted(str(name))) for name, *_ in columns)
    if files[0].endswith(".parquet"):
        typed = ", ".join(f"{_quoted(name)}::{kind} as {_quoted(name)}" for name, kind in types.items())
        rows = f"(select {typed} from read_parquet(?))"
    else:
        rows = f"read_csv(?, header = true, columns = {json.dumps(dict(types))})"
    _create(con, table, f"select {chosen} from {rows}", [files])


def _kept(con: duckdb.DuckDBPyConnection, todo: Plan) -> list[str]:
    """Return the tables of the run that neither land nor are built: what it keeps for itself, and the programme."""
    made = {model.relation.replace('"', "").partition(".")[2] for model in todo.models} | todo.landed.keys()
    tables = con.execute("select schema_name, table_name from duckdb_tables() where database_name = 'run'").fetchall()
    return sorted({f"{schema}.{name}" for schema, name in tables} - made)


def _create(con: duckdb.DuckDBPyConnection, table: str, query: str, parameters: list[object] | None = None) -> None:
    con.execute(f"create schema if not exists {table.split('.')[0]}")
    con.execute(f"create table {table} as {query}", parameters)


def _publish(con: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, int]:
    """Copy the marts to a new file and to Parquet; return rows by table."""
    folder.mkdir()
    marts = con.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' "
        "and table_catalog = current_database() order by all"
    ).fetchall()
    con.execute(f"attach {_literal(str(folder / 'answerable.duckdb'))} as published ({_STORAGE})")
    con.execute("create schema published.marts")
    rows = {}
    for (table,) in marts:
        created = con.execute(f"create table published.marts.{table} as from marts.{table}").fetchone()
        rows[str(table)] = int(created[0]) if created else 0
        con.execute(
            f"copy published.marts.{table} to {_literal(str(folder / f'{table}.parquet'))} "
            "(format parquet, compression zstd)"
        )
    con.execute("detach published")
    return rows


@contextmanager
def _timed(seconds: dict[str, float], part: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[part] = time.perf_counter() - started


def _quoted(name: str) -> str:
    return f'"{name}"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def main() -> None:
    """Run the floor of a plan, or make the plan first."""
    if len(sys.argv) == 2:
        print(json.dumps(run(Plan.read(Path(sys.argv[1])))))
        return
    home, landing, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True)
    todo = plan(compiled(home, out / "dbt"), landing, home / "warehouse.duckdb", out, settings_of_a_run(2, None))
    found = run(todo)
    for part, seconds in {**found["seconds"], "all": sum(found["seconds"].values())}.items():
        print(f"{part:10} {seconds:8.2f} s")
    for name, seconds in sorted(found["by_model"].items(), key=lambda item: -item[1])[:20]:
        print(f"  {name:40} {seconds:8.2f} s")


if __name__ == "__main__":
    main()
