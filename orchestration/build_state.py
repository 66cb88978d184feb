"""What the warehouse remembers of builds and runs, so that the next one does only what can have changed.

Belongs here: whether the marts are those of one finished build, which loads it has seen, what the last whole run was
made of. All of it lies in schema memory of the warehouse: killed at any instant, it says less than is true, never more.
Does not: which periods were scored from what (the dbt project, `macros/scored_periods.sql`), results of single nodes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import duckdb

from answerable.settings import Settings

_PERIODS = "int_periods__fingerprints"


@dataclass(frozen=True)
class Build:
    """A build of the marts: whether they are its own, the hashes of its programme and dbt project, and its clock."""

    is_finished: bool = False
    programme_hash: str = ""
    project_hash: str = ""
    as_of: datetime | None = None


def last_build(connection: duckdb.DuckDBPyConnection) -> Build:
    """Return the last build of this warehouse, an unfinished one of nothing before the first."""
    row = connection.execute(
        "SELECT is_finished, programme_hash, project_hash, as_of FROM memory.last_build"
    ).fetchone()
    return Build(*row) if row else Build()


def finish_build(connection: duckdb.DuckDBPyConnection, build: Build) -> None:
    """Remember that every node that could have changed was built from all loads so far, and passed.

    What marks a build as under way is the dbt project, so that one started by hand is no finished one either.
    """
    connection.execute("BEGIN")
    connection.execute("DELETE FROM memory.last_build")
    connection.execute(
        "INSERT INTO memory.last_build BY NAME"
        " SELECT true AS is_finished, ? AS programme_hash, ? AS project_hash, ?::TIMESTAMPTZ AS as_of",
        [build.programme_hash, build.project_hash, build.as_of],
    )
    connection.execute("DELETE FROM memory.built_loads")
    connection.execute("INSERT INTO memory.built_loads SELECT DISTINCT load_id FROM raw.load_ledger")
    connection.execute("COMMIT")


def changed_sources(connection: duckdb.DuckDBPyConnection, build: Build) -> set[str] | None:
    """Return the sources, such as `raw.crm_accounts`, that `build` has to read anew; None if it is all of them."""
    before = last_build(connection)
    if not before.is_finished or (before.programme_hash, before.project_hash) != (
        build.programme_hash,
        build.project_hash,
    ):
        return None
    landed = connection.execute(
        "SELECT DISTINCT source || '_' || entity FROM raw.load_ledger"
        " WHERE status = 'loaded' AND load_id NOT IN (SELECT load_id FROM memory.built_loads)"
    ).fetchall()
    changed = {f"{schema}.{table}" for (table,) in landed for schema in ("raw", "vault")}
    return changed | ({"memory.clock"} if before.as_of != build.as_of else set())


def made_of(settings: Settings, code_version: str, programme_hash: str, version: str | None) -> str:
    """Return what the published version follows from, besides landed records, as one text.

    Of the clock it is the UTC day: what reads the clock is brought up to date once a day where nothing lands.
    """
    unsaid = {"as_of", "lock_timeout", "threads", "memory_limit", "hmac_key", "postgres_url"}
    door = urlsplit(settings.postgres_url.get_secret_value()) if settings.postgres_url else None
    described: Mapping[str, Any] = {
        "code": code_version,
        "programme": programme_hash,
        "version": version,
        "day": settings.as_of.date().isoformat(),
        "settings": settings.model_dump(mode="json", exclude=unsaid),
        "postgres": door and [door.username, door.hostname, door.port, door.path],
    }
    return json.dumps(described, sort_keys=True)


def last_run(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return what the last run that left nothing undone was made of, None where there is none."""
    row = connection.execute("SELECT made_of FROM memory.last_run").fetchone()
    return row[0] if row else None


def remember_run(connection: duckdb.DuckDBPyConnection, text: str | None) -> None:
    """Remember what a run was made of that left nothing undone; without a text, forget the last one."""
    connection.execute("BEGIN")
    connection.execute("DELETE FROM memory.last_run")
    if text is not None:
        connection.execute("INSERT INTO memory.last_run VALUES (?)", [text])
    connection.execute("COMMIT")


def forget_scores(connection: duckdb.DuckDBPyConnection, first_day: date, last_day: date) -> int:
    """Have the next build be whole and score the periods that hold one of these days; return how many those are."""
    if not connection.execute(f"SELECT 1 FROM duckdb_tables() WHERE table_name = '{_PERIODS}'").fetchone():
        return 0
    connection.execute("UPDATE memory.last_build SET is_finished = false")
    forgotten = connection.execute(
        "DELETE FROM memory.scored_periods WHERE period_key IN"
        f" (SELECT period_key FROM intermediate.{_PERIODS} WHERE period_start <= ? AND period_end > ?) RETURNING 1",
        [last_day, first_day],
    ).fetchall()
    return len(forgotten)
