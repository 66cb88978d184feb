"""The same project on PostgreSQL: a server of its own here, the same raw tables, `dbt build` by dbt-postgres.

Belongs here: the server, its settings, copying the raw tables, the profile. Does not: loading and publishing.

    python -m bench.alternatives.on_postgres WAREHOUSE SOCKET     copies the raw tables of a DuckDB file

The server is told to forget durability and given a quarter of the memory limit for its buffers, as one does for a
warehouse that can be built again. `double`, the type of the contracts, is a domain there.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import process
from bench.alternatives.common import RAW, NotInstalledError, other_marts, ours
from bench.figures import Alternative

if TYPE_CHECKING:
    from bench.runs import Bench

NAME = "dbt on PostgreSQL"
WORK = "models and tests, no load and no publishing; ours likewise"
NEEDS = "a PostgreSQL server (Debian: postgresql) and dbt-postgres"

_USER = "bench"
_SETTINGS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "shared_buffers": "1GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "16GB",
    "max_parallel_workers_per_gather": "2",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
}
_PROFILE = """
answerable:
  target: postgres
  outputs:
    postgres:
      {{type: postgres, host: {socket}, port: 5432, user: {user}, password: "",
        dbname: postgres, schema: public, threads: 2}}
"""
_TYPES = {"VARCHAR": "text", "JSON": "text", "DOUBLE": "double precision", "UBIGINT": "numeric", "HUGEINT": "numeric"}


def measure(bench: Bench) -> Alternative:
    """Build everything on a new server that holds the raw tables."""
    from bench.alternatives.plain_dbt import timed_build

    binaries = _binaries()
    if binaries is None or importlib.util.find_spec("psycopg2") is None or not _adapter():
        raise NotInstalledError(NEEDS)
    with _server(binaries) as socket:
        copy = process.python("-m", "bench.alternatives.on_postgres", str(bench.home / "warehouse.duckdb"), str(socket))
        copied = process.measure(copy, folder=bench.work)
        profiles = bench.work / "postgres_profiles"
        profiles.mkdir()
        (profiles / "profiles.yml").write_text(_PROFILE.format(socket=socket, user=_USER), encoding="utf-8")
        seconds, failed = timed_build(bench, str(profiles), bench.environment(bench.home), "postgres_target")
        failed = failed or other_marts(bench, _counting(str(socket)))
    note = f"copying the raw tables took another {copied.seconds:.0f} s"
    return Alternative(NAME, WORK, seconds, ours(bench), f"{note}; {failed}" if failed else note)


def _counting(socket: str) -> Callable[[str], int]:
    psycopg2 = importlib.import_module("psycopg2")

    def count(table: str) -> int:
        with psycopg2.connect(host=socket, user=_USER, dbname="postgres") as server, server.cursor() as cursor:
            cursor.execute(f"select count(*) from marts.{table}")
            return int(cursor.fetchone()[0])

    return count


def copy_raw(warehouse: Path, socket: str) -> None:
    """Copy the raw tables of a DuckDB file to a server, one CSV stream per table."""
    import duckdb

    psycopg2 = importlib.import_module("psycopg2")
    with duckdb.connect(str(warehouse), read_only=True) as source, tempfile.TemporaryDirectory() as folder:
        source.execute("set TimeZone = 'UTC'")
        target = psycopg2.connect(host=socket, user=_USER, dbname="postgres")
        with target, target.cursor() as cursor:
            cursor.execute("create domain public.double as double precision")
            for schema, table in source.execute(
                "select schema_name, table_name from duckdb_tables() where schema_name in (select unnest(?))", [RAW]
            ).fetchall():
                _copy_table(source, cursor, f"{schema}.{table}", Path(folder) / "table.csv")
            cursor.execute("analyze")
        target.close()


def _copy_table(source: Any, cursor: Any, table: str, file: Path) -> None:
    columns = source.execute(f"describe {table}").fetchall()
    spec = ", ".join(f'"{name}" {_type(str(kind))}' for name, kind, *_ in columns)
    values = ", ".join(
        f'to_json("{name}") as "{name}"' if kind.endswith("[]") else f'"{name}"' for name, kind, *_ in columns
    )
    source.execute(f"copy (select {values} from {table}) to '{file}' (format csv, header)")
    cursor.execute(f"create schema if not exists {table.split('.')[0]}")
    cursor.execute(f"create table {table} ({spec})")
    with file.open(encoding="utf-8") as rows:
        cursor.copy_expert(f"copy {table} from stdin with (format csv, header)", rows)


def _type(kind: str) -> str:
    return "text" if kind.endswith("[]") else _TYPES.get(kind, kind)


def _adapter() -> bool:
    try:
        return importlib.util.find_spec("dbt.adapters.postgres") is not None
    except ModuleNotFoundError:
        return False


def _binaries() -> Path | None:
    """Return the newest folder that holds the server's programs."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return Path(found).resolve().parent if found else folders[-1].parent if folders else None


@contextmanager
def _server(binaries: Path) -> Iterator[Path]:
    """Run a server on a socket in a new folder; as root by the user postgres, for it refuses root."""
    user = "postgres" if os.geteuid() == 0 else None
    # Not below the bench's folder, which that user may not enter.
    with tempfile.TemporaryDirectory(prefix="answerable-bench-postgres-") as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, user)

        def call(program: str, *arguments: str) -> None:
            done = subprocess.run(
                [str(binaries / program), *arguments], user=user, cwd=folder, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                raise process.BenchError(f"{program} ended with {done.returncode}: {done.stderr}")

        options = " ".join(f"-c {key}='{value}'" for key, value in _SETTINGS.items())
        call("initdb", "-D", f"{folder}/data", "-U", _USER, "--auth=trust", "--encoding=UTF8", "--locale=C")
        call("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", f"-k {folder} {options}", "start")
        try:
            yield folder
        finally:
            call("pg_ctl", "-D", f"{folder}/data", "-w", "-m", "immediate", "stop")


if __name__ == "__main__":
    copy_raw(Path(sys.argv[1]), sys.argv[2])
