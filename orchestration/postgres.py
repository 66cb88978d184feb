"""The published version as PostgreSQL tables, for BI tools that read a server and not a file.

Belongs here: copying the file's tables into schema `marts__next`, keys, comments, grants, the swap.
Does not: when that happens (`defs.published_postgres`), what a mart holds (dbt_project).

Everything up to the swap is one transaction: a reader sees the previous version or this one, whole, and a killed
publication leaves nothing behind. Renaming a schema waits for no reader; the replaced tables are dropped once no query
reads them, or else by the next publication.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import duckdb

from answerable.published import current_version
from answerable.settings import DATABASE
from ingest.rules import identifier, literal
from orchestration.manifest import Grain

READER = "bi_reader"
ACCOUNT_READER = "account_reader"
TEAM_ROLE = "team_"
"""A team's role has this prefix, then the team_id."""

_NEXT, _OLD = "marts__next", "marts__old_"
_OURS = "Answerable, version "
_TAKEN = "the database has a schema marts that is not Answerable's; give Answerable another database"
_LOCK = 0x616E7377  # one publication at a time in a database
_DROP_PATIENCE, _CONNECT_PATIENCE = "5s", 10  # seconds
_OLDEST_SERVER = 15
_BATCH_ROWS = 100_000
_LONGEST_NAME = 63  # bytes; PostgreSQL cuts longer ones

# A table of single answers: it would reveal suppressed figures, or who gave an answer.
_RESPONSE, _LINEAGE = "response_id", "_lineage"
_REFERENCE = ("dim_", "bridge_")
# What is about to be said to single clients, for those who write to them; a team reads what it would send itself.
_ABOUT_ACCOUNTS = ("rpt_notice_guard",)
_SENDER = "team_id"

_TYPES = {
    "VARCHAR": "text",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "DOUBLE": "double precision",
    "BIGINT": "bigint",
    "DATE": "date",
    "BOOLEAN": "boolean",
}


class PostgresError(Exception):
    """The marts could not be published to PostgreSQL; the message is one line without the password."""


class UnreachableError(PostgresError, ConnectionError):
    """The server did not accept the connection."""


@dataclass(frozen=True)
class Served:
    """What PostgreSQL serves now: the version, rows by table, and replaced schemas that are still in use."""

    version: str
    row_counts: Mapping[str, int]
    left: list[str]


@dataclass(frozen=True)
class _Table:
    name: str
    comment: str | None
    columns: Mapping[str, str]
    comments: Mapping[str, str]
    grain: Grain | None

    @property
    def team_columns(self) -> list[str]:
        return [column for column in self.columns if column.endswith("team_id")]

    @property
    def is_withheld(self) -> bool:
        """Whether its rows are single answers, which readers of figures may not see."""
        return _RESPONSE in self.columns or self.name.endswith(_LINEAGE)

    @property
    def is_team_work(self) -> bool:
        """Whether only the team that has to act on its rows may see them."""
        return self.is_withheld and bool(self.team_columns) and not self.name.endswith(_LINEAGE)

    @property
    def readers(self) -> tuple[str, ...]:
        """The roles that read all of its rows."""
        if self.is_withheld:
            return ()
        return (ACCOUNT_READER,) if self.name in _ABOUT_ACCOUNTS else (READER, ACCOUNT_READER)

    def rows_of(self, team: str) -> str | None:
        """Return the condition for the rows that a team may see, None if it may see all."""
        if self.name.startswith(_REFERENCE):
            return None
        if self.name in _ABOUT_ACCOUNTS:
            return f"{identifier(_SENDER)} = {literal(team)}"
        if self.team_columns:
            return " or ".join(f"{identifier(column)} = {literal(team)}" for column in self.team_columns)
        if {"split", "group_id"} <= self.columns.keys():
            return f"split <> 'team' or group_id = {literal(team)}"
        return None


def publish(
    url: str,
    published: Path,
    grains: Mapping[str, Grain],
    *,
    lock_timeout: float = 600,
    settings: Mapping[str, str | int] | None = None,
    say: Callable[[str], object] = lambda _: None,
) -> Served:
    """Replace schema `marts` of the database with the tables of the version that `published/current` serves.

    `grains` gives the keys of the tables, `lock_timeout` is how long to wait for another publication, in seconds,
    `settings` are DuckDB's, `say` gets each table's name. Raises PostgresError, and then leaves `marts` unchanged.
    """
    with _masking(url), closing(_connect(url)) as connection, closing(connection.cursor()) as cursor:
        _prepare(cursor, lock_timeout)
        version = current_version(published)
        if version is None:
            raise PostgresError("nothing is published yet; run `answerable run` first")
        with duckdb.connect(str(published / version / DATABASE), read_only=True) as source:
            for name, value in {"TimeZone": "UTC", **(settings or {})}.items():
                source.execute(f"SET {name} = {literal(str(value))}")
            tables = list(_tables(source, grains))
            teams = _teams(source)
            counts = _load(cursor, source, tables, say)
        _describe(cursor, tables, version)
        _grant(cursor, tables, teams)
        _swap(cursor)
        connection.commit()
        return Served(version, counts, _drop_replaced(connection, cursor))


def look(url: str) -> str:
    """Return the server at the URL and what it serves. Raises PostgresError."""
    with _masking(url), closing(_connect(url)) as connection, closing(connection.cursor()) as cursor:
        served = _served(cursor)
        if served and not served.startswith(_OURS):
            raise PostgresError(_TAKEN)
        version = _one(cursor, "select current_setting('server_version')")
        return f"PostgreSQL {version}, {served or 'nothing published to it yet'}"


@contextmanager
def _masking(url: str) -> Iterator[None]:
    """Turn the driver's errors into one line without the URL or its password."""
    try:
        yield
        return
    except (PostgresError, duckdb.Error, OSError):
        raise
    except Exception as error:
        if not type(error).__module__.startswith("adbc_driver_manager"):
            raise
        found = _masked(" ".join(str(error).split()), url)
    # Outside the handler, because a chained error would show the driver's message.
    raise PostgresError(found)


def _masked(text: str, url: str) -> str:
    parts = urlsplit(url)
    given = [parts.password or "", *parse_qs(parts.query).get("password", [])]
    secrets = {url, *given, *map(unquote, given), *map(quote, given)} - {""}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _connect(url: str) -> Any:
    try:
        driver = importlib.import_module("adbc_driver_postgresql.dbapi")
        importlib.import_module("pyarrow")
    except ImportError:
        raise PostgresError("the driver is not installed: pip install 'answerable[postgres]'") from None
    parts = urlsplit(url)
    patience = "" if "connect_timeout" in parse_qs(parts.query) else f"connect_timeout={_CONNECT_PATIENCE}"
    query = "&".join(part for part in (parts.query, patience) if part)
    address = parts._replace(query=query).geturl()
    if not parts.netloc:  # a socket, for which urlsplit drops the empty host
        address = f"{parts.scheme}://{parts.path}?{query}"
    try:
        return driver.connect(address)
    except Exception as error:
        found = _masked(_masked(" ".join(str(error).split()), address), url)
    raise UnreachableError(found.removeprefix("IO: [libpq] Failed to connect: "))


def _prepare(cursor: Any, lock_timeout: float) -> None:
    """Set up the session, and wait until no other publication uses this database."""
    if int(_one(cursor, "select current_setting('server_version_num')")) < _OLDEST_SERVER * 10_000:
        raise PostgresError(f"the server is older than PostgreSQL {_OLDEST_SERVER}")
    for name, value in {
        "application_name": "answerable",
        "standard_conforming_strings": "on",
        "statement_timeout": "0",
        "client_min_messages": "warning",
        "lock_timeout": f"{int(lock_timeout * 1000)}ms",
    }.items():
        cursor.execute(f"set {name} = {literal(value)}")
    try:
        cursor.execute(f"select pg_advisory_lock({_LOCK})::text")
        cursor.fetchall()
    except Exception as error:
        if "lock timeout" not in str(error):
            raise
        raise PostgresError(f"another publication has kept this database for {lock_timeout:g} s; run again") from None


def _tables(source: duckdb.DuckDBPyConnection, grains: Mapping[str, Grain]) -> Iterator[_Table]:
    for name, comment in source.execute(
        "SELECT table_name, comment FROM duckdb_tables() WHERE schema_name = 'marts' ORDER BY table_name"
    ).fetchall():
        columns = source.execute(
            "SELECT column_name, data_type, comment FROM duckdb_columns() "
            "WHERE schema_name = 'marts' AND table_name = ? ORDER BY column_index",
            [name],
        ).fetchall()
        types = {column: _type(f"{name}.{column}", kind) for column, kind, _ in columns}
        yield _Table(name, comment, types, {column: text for column, _, text in columns if text}, grains.get(name))


def _type(column: str, kind: str) -> str:
    if kind.startswith("DECIMAL("):
        return kind.lower().replace("decimal", "numeric")
    if kind not in _TYPES:
        raise PostgresError(f"{column} is {kind}, which is not a type of a mart")
    return _TYPES[kind]


def _teams(source: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the teams that get a role: those of the programme whose role name is short enough for PostgreSQL."""
    with suppress(duckdb.CatalogException):
        found = source.execute("SELECT team_id FROM marts.dim_team WHERE is_in_programme ORDER BY team_id").fetchall()
        return [team for (team,) in found if len(f"{TEAM_ROLE}{team}".encode()) <= _LONGEST_NAME]
    return []


def _load(
    cursor: Any, source: duckdb.DuckDBPyConnection, tables: list[_Table], say: Callable[[str], object]
) -> dict[str, int]:
    """Fill `marts__next` batch by batch, with keys and fresh statistics; return rows by table."""
    cursor.execute(f"drop schema if exists {_NEXT} cascade")
    cursor.execute(f"create schema {_NEXT}")
    counts = {}
    for table in tables:
        name = f"{_NEXT}.{identifier(table.name)}"
        columns = ", ".join(f"{identifier(column)} {kind}" for column, kind in table.columns.items())
        cursor.execute(f"create table {name} ({columns})")
        rows = source.execute(f"FROM marts.{identifier(table.name)}").to_arrow_reader(_BATCH_ROWS)
        cursor.adbc_ingest(table.name, rows, mode="append", db_schema_name=_NEXT)
        counts[table.name] = int(_one(cursor, f"select count(*) from {name}"))
        if table.grain:
            key = ", ".join(map(identifier, table.grain.columns))
            # A primary key in PostgreSQL has no null.
            kind = "unique nulls not distinct" if table.grain.may_be_null else "primary key"
            cursor.execute(f"alter table {name} add {kind} ({key})")
        cursor.execute(f"analyze {name}")
        say(table.name)
    return counts


def _describe(cursor: Any, tables: list[_Table], version: str) -> None:
    cursor.execute(f"comment on schema {_NEXT} is {literal(_OURS + version)}")
    for table in tables:
        name = f"{_NEXT}.{identifier(table.name)}"
        if table.comment:
            cursor.execute(f"comment on table {name} is {literal(table.comment)}")
        for column, text in table.comments.items():
            cursor.execute(f"comment on column {name}.{identifier(column)} is {literal(text)}")


def _grant(cursor: Any, tables: list[_Table], teams: list[str]) -> None:
    """Let the readers and every team's role read what they may read, and nothing else."""
    roles = {team: identifier(f"{TEAM_ROLE}{team}") for team in teams}
    cursor.execute("select rolname::text from pg_roles")
    existing = {name for (name,) in cursor.fetchall()}
    for role in (READER, ACCOUNT_READER, *(f"{TEAM_ROLE}{team}" for team in teams)):
        if role not in existing:
            cursor.execute(f"create role {identifier(role)} nologin")
    cursor.execute(f"grant usage on schema {_NEXT} to {', '.join([READER, ACCOUNT_READER, *roles.values()])}")
    for table in tables:
        team_roles = roles.values() if table.is_team_work or not table.is_withheld else ()
        if grantees := ", ".join([*table.readers, *team_roles]):
            cursor.execute(f"grant select on {_NEXT}.{identifier(table.name)} to {grantees}")
            _show_rows(cursor, table, roles)


def _show_rows(cursor: Any, table: _Table, roles: Mapping[str, str]) -> None:
    """Limit each team to its own rows, in a table that has rows by team."""
    name = f"{_NEXT}.{identifier(table.name)}"
    conditions = {role: rows for team, role in roles.items() if (rows := table.rows_of(team))}
    if not conditions:
        return
    cursor.execute(f"alter table {name} enable row level security")
    for role in table.readers:
        cursor.execute(f"create policy {role} on {name} for select to {role} using (true)")
    for role, rows in conditions.items():
        cursor.execute(f"create policy {role} on {name} for select to {role} using ({rows})")


def _swap(cursor: Any) -> None:
    served = _served(cursor)
    if served is not None:
        if not served.startswith(_OURS):
            raise PostgresError(_TAKEN)
        cursor.execute(f"alter schema marts rename to {_OLD}{_one(cursor, 'select pg_current_xact_id()::text')}")
    cursor.execute(f"alter schema {_NEXT} rename to marts")


def _served(cursor: Any) -> str | None:
    """Return the comment of schema `marts`, None if there is no such schema."""
    cursor.execute("select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = 'marts'")
    found = cursor.fetchone()
    return found and (found[0] or "no comment")


def _drop_replaced(connection: Any, cursor: Any) -> list[str]:
    """Drop replaced schemas that nothing reads or depends on; return the others."""
    cursor.execute(f"set lock_timeout = {literal(_DROP_PATIENCE)}")
    cursor.execute(
        "select nspname::text from pg_namespace "
        f"where starts_with(nspname::text, {literal(_OLD)}) "
        f"and starts_with(obj_description(oid, 'pg_namespace'), {literal(_OURS)}) order by 1"
    )
    left = []
    for (schema,) in cursor.fetchall():
        connection.commit()
        try:
            cursor.execute(f"select tablename::text from pg_tables where schemaname = {literal(schema)}")
            tables = [f"{schema}.{identifier(name)}" for (name,) in cursor.fetchall()]
            if tables:
                cursor.execute(f"drop table {', '.join(tables)}")
            cursor.execute(f"drop schema {schema}")
            connection.commit()
        except connection.Error:
            connection.rollback()
            left.append(schema)
    return left


def _one(cursor: Any, sql: str) -> Any:
    cursor.execute(sql)
    return cursor.fetchone()[0]
