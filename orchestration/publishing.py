"""Published versions: the marts as one DuckDB file and as Parquet, whole or not at all.

Belongs here: writing a version beside the others, flipping `current` to it, keeping the last few, remembering them.
Does not: deciding whether a version may be published (`defs.published`), what a mart holds (dbt_project).

    published/
        20261122T174500123456Z-1f3a9c2e/answerable.duckdb, guard.duckdb, parquet/<table>.parquet
        current -> 20261122T174500123456Z-1f3a9c2e

A version is written under a name that ends in `.tmp`, synced, renamed, and only then served. Killed at any instant,
`current` points at a whole version; the next publication removes what the killed one left.
"""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import duckdb

from answerable.published import current_version
from answerable.settings import CURRENT, DATABASE
from ingest.rules import identifier, literal
from orchestration import guard_copy, marts_copy, modes
from orchestration import publication_memory as memory

_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True)
class Publication:
    """One published version: the row it has in `marts.publication`."""

    version: str
    published_at: datetime
    input_watermarks: Mapping[str, Mapping[str, str | None]]
    programme_hash: str
    code_version: str
    row_counts: Mapping[str, int]
    checks_passed: int
    as_of: datetime | None = None


def versions(published: Path) -> list[str]:
    """Return the names of the whole versions, oldest first."""
    if not published.is_dir():
        return []
    return sorted(
        path.name
        for path in published.iterdir()
        if not path.is_symlink() and (path / DATABASE).exists() and path.suffix != ".tmp"
    )


def next_version(published: Path, suffix: str) -> str:
    """Return a name that sorts after every version there is, even if the clock went backwards."""
    now = datetime.now(UTC)
    if existing := versions(published):
        last = datetime.strptime(existing[-1].split("-")[0], _STAMP).replace(tzinfo=UTC)
        now = max(now, last + timedelta(microseconds=1))
    return f"{now.strftime(_STAMP)}-{suffix}"


def publish(
    warehouse: Path,
    published: Path,
    version: str,
    *,
    keep_versions: int,
    programme_hash: str,
    code_version: str,
    checks_passed: int,
    readers_group: str | None = None,
    synced: Mapping[str, datetime] = MappingProxyType({}),
    settings: Mapping[str, str | int] = MappingProxyType({}),
) -> Publication:
    """Write every table of schema `marts` as a new version, serve it, prune to `keep_versions`.

    The warehouse has `memory.publications`, the history that the mart `publication` reads. `readers_group` may read the
    version. `synced` says when entities were last read from a database. `settings` are DuckDB's (`memory_limit`,
    `threads`).
    Raises OSError or duckdb.Error if the version cannot be written; then the last one still serves.
    """
    published.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(published)
    partial = published / f"{version}.tmp"
    try:
        partial.mkdir(parents=True)
        with _connect(warehouse, settings) as connection:
            settle(connection, published)
            base = _base(published)
            _remember_served(connection, published)
            marts = marts_copy.write_database(connection, partial, base)
            counts = marts_copy.row_counts(connection, marts)
            if "publication" in counts:
                counts["publication"] = _complete_history(connection) + 1
            publication = Publication(
                version,
                datetime.now(UTC),
                _watermarks(connection, as_of := _as_of(connection), synced),
                programme_hash,
                code_version,
                counts,
                checks_passed,
                as_of,
            )
            if "publication" in counts:
                _remember(connection, publication, "published.marts.publication")
            memory.name_restatements(connection, counts, version)
            marts_copy.write_parquet(connection, partial, base, marts)
            guard_copy.write(connection, partial)
            memory.keep(connection, counts, version)
            connection.execute("DETACH published")
            modes.open_to(readers_group, published.parent, partial)
            _serve(partial, published / version)
            # A publication that could not be remembered now is remembered by the next one.
            with suppress(duckdb.Error):
                _remember(connection, publication, "memory.publications")
                memory.forget_others(connection, version)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    _prune(published, keep_versions)
    return publication


def settle(connection: duckdb.DuckDBPyConnection, published: Path) -> None:
    """Finish a publication of this warehouse that was killed after the flip; before a build, which compares with it."""
    version = current_version(published)
    if version is None or not memory.is_kept(connection, version):
        return
    if not connection.execute("SELECT 1 FROM memory.publications WHERE version = ?", [version]).fetchone():
        _remember_served(connection, published)
    memory.forget_others(connection, version)


def _as_of(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    row = connection.execute("SELECT max(as_of) FROM memory.clock").fetchone()
    return row[0] if row else None


def _connect(database: Path, settings: Mapping[str, str | int]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(database))
    for name, value in {"TimeZone": "UTC", "enable_progress_bar": "false", **settings}.items():
        connection.execute(f"SET {name} = {literal(str(value))}")
    return connection


def _base(published: Path) -> Path | None:
    """Return the folder of the served version, whose rows need not be written again; None before the first one."""
    version = current_version(published)
    return published / version if version else None


def _complete_history(connection: duckdb.DuckDBPyConnection) -> int:
    """Give the copied mart the publications it was built too early to hold; return how many rows it has then."""
    connection.execute(
        "INSERT INTO published.marts.publication BY NAME FROM memory.publications"
        " WHERE version NOT IN (SELECT version FROM published.marts.publication)"
    )
    return int(connection.table("published.marts.publication").count("*").fetchall()[0][0])


def _remember(connection: duckdb.DuckDBPyConnection, publication: Publication, table: str) -> None:
    connection.execute(
        f"""
        INSERT INTO {table} BY NAME
        SELECT ? AS version, ?::TIMESTAMPTZ AS published_at, ? AS input_watermarks, ? AS programme_hash,
            ? AS code_version, ? AS row_counts, ?::BIGINT AS checks_passed, ?::TIMESTAMPTZ AS as_of
        """,
        [
            publication.version,
            publication.published_at,
            json.dumps(publication.input_watermarks),
            publication.programme_hash,
            publication.code_version,
            json.dumps(publication.row_counts),
            publication.checks_passed,
            publication.as_of,
        ],
    )


def _remember_served(connection: duckdb.DuckDBPyConnection, published: Path) -> None:
    """Record the served version where its own run was killed after the flip and before the record."""
    version = current_version(published)
    if (
        version is None
        or connection.execute("SELECT 1 FROM memory.publications WHERE version = ?", [version]).fetchone()
    ):
        return
    connection.execute(f"ATTACH {literal(str(published / version / DATABASE))} AS served (READ_ONLY)")
    connection.execute(
        """
        INSERT INTO memory.publications BY NAME
        SELECT * FROM served.marts.publication WHERE version = ?
        """,
        [version],
    )
    connection.execute("DETACH served")


def _watermarks(
    connection: duckdb.DuckDBPyConnection, as_of: datetime | None, synced: Mapping[str, datetime]
) -> dict[str, dict[str, str | None]]:
    """Return, for every landed entity, the last `updated_at`, the last load and when it was last taken in.

    ISO 8601 in UTC. A file is taken in also where it holds nothing new, and so is a database that was read (`synced`,
    by entity), by the clock of the run that publishes it; a scan that finds no new file takes nothing in.
    """
    tables = connection.execute(
        """
        SELECT table_name FROM duckdb_columns()
        WHERE schema_name = 'raw' AND database_name = current_database() AND column_name IN ('updated_at', '_loaded_at')
        GROUP BY table_name HAVING count(*) = 2 ORDER BY table_name
        """
    ).fetchall()
    last = connection.execute(
        "SELECT published_at, input_watermarks FROM memory.publications ORDER BY published_at DESC LIMIT 1"
    ).fetchone()
    before = json.loads(last[1]) if last else {}
    taken = dict(
        connection.execute(
            "SELECT source || '.' || entity, max(loaded_at) FROM raw.load_ledger "
            "WHERE status IN ('loaded', 'duplicate') GROUP BY ALL"
        ).fetchall()
    )
    for entity, read_at in synced.items():
        taken[entity] = max(taken.get(entity, read_at), read_at)
    marks = {}
    for (table,) in tables:
        row = connection.execute(
            f"SELECT max(updated_at)::VARCHAR, max(_loaded_at)::VARCHAR FROM raw.{identifier(table)}"
        ).fetchone()
        updated_at, loaded_at = row or (None, None)
        entity = table.replace("_", ".", 1)
        at, known = taken.get(entity), before.get(entity, {}).get("taken_in_at")
        if at is not None and (last is None or at > last[0]):
            known = str(as_of or at)
        elif at is not None and known is None:
            known = str(at)
        marks[entity] = {"updated_at": updated_at, "loaded_at": loaded_at, "taken_in_at": known}
    return marks


def _serve(partial: Path, final: Path) -> None:
    """Make the version durable under its final name, then let `current` point at it in one step."""
    for path in (*partial.rglob("*"), partial):
        _sync(path)
    partial.rename(final)
    link = final.parent / f"{final.name}.link.tmp"
    link.symlink_to(final.name, target_is_directory=True)
    link.replace(final.parent / CURRENT)
    _sync(final.parent)


def _remove_leftovers(published: Path) -> None:
    """Remove what a killed publication left: half-written versions, links, and whole versions that never served."""
    for path in published.glob("*.tmp"):
        _remove(path)
    current = current_version(published)
    for version in versions(published):
        if current and version > current:
            _remove(published / version)


def _prune(published: Path, keep: int) -> None:
    current = current_version(published)
    others = [version for version in versions(published) if version != current]
    for version in others[: max(0, len(others) - (keep - 1))]:
        # Rename first: a version is never seen half-deleted.
        _remove((published / version).rename(published / f"{version}.tmp"))


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        shutil.rmtree(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
