"""The marts as files of a version: what changed is written, what did not is taken from the version before.

Belongs here: the DuckDB file and the Parquet files of one version. Does not: serving it (publishing), what a change is
(macro `maintained` of the dbt project, which notes the changed units of every table it repairs).
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from answerable.settings import DATABASE
from ingest.rules import identifier, literal

PARQUET = "parquet"

# Clients of DuckDB 1.5 must be able to read the file, whichever release wrote it.
_STORAGE_VERSION = "v1.5.0"
# A table of which more rows than this share were replaced, now or since it was last written whole, is written whole;
# and so is the file, by its tables: what is replaced in a file leaves room that the file keeps.
_REWRITE_SHARE = 0.2
# Ids repeat too little for a dictionary: without one they are written faster and take less room.
_PARQUET_OPTIONS = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 1000"


@dataclass(frozen=True)
class Mart:
    """A table of the schema: its rows, and what of it changed since the base, by an expression over its columns.

    `changed_units` is None where that is not known: then all of it may have.
    """

    name: str
    unit: str = ""
    changed_units: int | None = None

    @property
    def is_unchanged(self) -> bool:
        """Whether it is the table of the base, row for row."""
        return self.changed_units == 0


def write_database(connection: duckdb.DuckDBPyConnection, folder: Path, base: Path | None) -> dict[str, Mart]:
    """Write the schema into a file in `folder`, attached as `published`; return its tables by name.

    `base` is the folder of the version that the noted changes begin at; without one everything is written.
    """
    if base:
        connection.execute(f"ATTACH {literal(str(base / DATABASE))} AS published (READ_ONLY)")
    marts = {mart.name: mart for mart in _marts(connection, base is not None)}
    is_repaired = bool(base) and not _is_mostly_new(connection, marts)
    if base:
        connection.execute("DETACH published")
    if base and is_repaired:
        shutil.copyfile(base / DATABASE, folder / DATABASE)
    target = literal(str(folder / DATABASE))
    connection.execute(f"ATTACH {target} AS published (STORAGE_VERSION {literal(_STORAGE_VERSION)})")
    connection.execute("CREATE SCHEMA IF NOT EXISTS published.marts")
    connection.execute("BEGIN")
    for name in _tables(connection, "published") - marts.keys():
        connection.execute(f"DROP TABLE published.marts.{identifier(name)}")
    for mart in marts.values():
        if mart.changed_units is None or not is_repaired:
            _replace(connection, mart.name)
        elif mart.changed_units:
            _repair(connection, mart)
    connection.execute("COMMIT")
    return marts


def row_counts(connection: duckdb.DuckDBPyConnection, marts: dict[str, Mart]) -> dict[str, int]:
    """Return the number of rows of each table of the attached file."""
    return {name: _count(connection, f"published.marts.{identifier(name)}") for name in marts}


def write_parquet(
    connection: duckdb.DuckDBPyConnection, folder: Path, base: Path | None, marts: dict[str, Mart]
) -> None:
    """Write each table of the attached file as Parquet, or link the base's file where it is the same."""
    (folder / PARQUET).mkdir()
    for mart in marts.values():
        target = folder / PARQUET / f"{mart.name}.parquet"
        source = base / PARQUET / target.name if base else None
        if mart.is_unchanged and source and source.exists():
            os.link(source, target)
        else:
            table = f"published.marts.{identifier(mart.name)}"
            connection.execute(f"COPY {table} TO {literal(str(target))} ({_PARQUET_OPTIONS})")


def _marts(connection: duckdb.DuckDBPyConnection, has_base: bool) -> Iterator[Mart]:
    served = _tables(connection, "published") if has_base else set()
    units = _units(connection) if has_base else {}
    for name in sorted(_tables(connection, "current_database()")):
        if name not in served or name not in units or _columns(connection, name) != _columns(connection, name, True):
            yield Mart(name)
            continue
        whole, changed = _noted(connection, name)
        if whole:
            yield Mart(name)
            continue
        mart = Mart(name, units[name], changed)
        yield Mart(name) if changed and _is_worn(connection, mart) else mart


def _tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> set[str]:
    catalog = catalog if catalog.endswith("()") else literal(catalog)
    found = connection.execute(
        f"SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts' AND database_name = {catalog}"
    ).fetchall()
    return {name for (name,) in found}


def _columns(connection: duckdb.DuckDBPyConnection, table: str, published: bool = False) -> list[tuple[str, str]]:
    catalog = "'published'" if published else "current_database()"
    return connection.execute(
        "SELECT column_name, data_type, comment FROM duckdb_columns() "
        f"WHERE schema_name = 'marts' AND table_name = ? AND database_name = {catalog} ORDER BY column_index",
        [table],
    ).fetchall()


def _units(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return, by maintained model, what its units are in terms of its columns."""
    return dict(connection.execute("SELECT model, unit_sql FROM build.definitions").fetchall())


def _noted(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[bool, int]:
    """Return whether the table was built whole since the base, and how many of its units changed."""
    whole, changed = connection.execute(
        "SELECT coalesce(bool_or(name = '*'), false), count(DISTINCT value) FROM build.changes WHERE model = ?", [table]
    ).fetchall()[0]
    return bool(whole), int(changed)


def _is_mostly_new(connection: duckdb.DuckDBPyConnection, marts: dict[str, Mart]) -> bool:
    """Whether the tables that are written whole hold more than their share of all rows."""
    rows = {name: _count(connection, f"marts.{identifier(name)}") for name in marts}
    whole = sum(rows[mart.name] for mart in marts.values() if mart.changed_units is None)
    return whole > _REWRITE_SHARE * sum(rows.values())


def _is_worn(connection: duckdb.DuckDBPyConnection, mart: Mart) -> bool:
    """Whether so many rows were replaced that the table is better written anew: replaced rows stay in the file."""
    stored = connection.execute(
        "SELECT estimated_size FROM duckdb_tables() "
        "WHERE database_name = 'published' AND schema_name = 'marts' AND table_name = ?",
        [mart.name],
    ).fetchall()[0][0]
    kept, replaced = connection.execute(
        f"SELECT count(*), count(*) FILTER ({mart.unit} IN ({_changed_units(mart.name)})) "
        f"FROM published.marts.{identifier(mart.name)}"
    ).fetchall()[0]
    return bool(stored - kept + replaced > _REWRITE_SHARE * stored)


def _changed_units(table: str) -> str:
    unit = f"(SELECT unit FROM build.definitions WHERE model = {literal(table)})"
    return f"SELECT value FROM build.changes WHERE model = {literal(table)} AND name = {unit}"


def _repair(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    name, changed = identifier(mart.name), _changed_units(mart.name)
    connection.execute(f"DELETE FROM published.marts.{name} WHERE {mart.unit} IN ({changed})")
    connection.execute(f"INSERT INTO published.marts.{name} BY NAME FROM marts.{name} WHERE {mart.unit} IN ({changed})")


def _replace(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Write the table with its comments."""
    name = identifier(table)
    connection.execute(f"CREATE OR REPLACE TABLE published.marts.{name} AS FROM marts.{name}")
    comments = connection.execute(
        """
        SELECT 'TABLE', NULL, comment FROM duckdb_tables()
        WHERE schema_name = 'marts' AND database_name = current_database() AND table_name = $1 AND comment IS NOT NULL
        UNION ALL
        SELECT 'COLUMN', column_name, comment FROM duckdb_columns()
        WHERE schema_name = 'marts' AND database_name = current_database() AND table_name = $1 AND comment IS NOT NULL
        """,
        [table],
    ).fetchall()
    for kind, column, comment in comments:
        path = f"published.marts.{name}" + (f".{identifier(column)}" if column else "")
        connection.execute(f"COMMENT ON {kind} {path} IS {literal(comment)}")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.table(table).count("*").fetchall()[0][0])
