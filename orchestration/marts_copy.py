"""The marts as files of a version: rows that the version before has are taken from it, the others are written.

Belongs here: the DuckDB file and the Parquet files of one version, and comparing tables with those of the version
before, by hashes of their rows. Nothing has to be remembered for that. Does not: serving the version (publishing).
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from answerable.settings import DATABASE
from ingest.rules import identifier, literal

PARQUET = "parquet"

# Clients of DuckDB 1.5 must be able to read the file, whichever release wrote it.
_STORAGE_VERSION = "v1.5.0"
# A table of which more rows than this share differ is written whole, and so is the file, by its tables: rows that are
# replaced in a file leave room in it.
_REWRITE_SHARE = 0.2
# What rows are compared and replaced by, in tables that have it: a period's rows change together.
_UNIT = ("period_grain", "period_start")
# Ids repeat too little for a dictionary: without one they are written faster and take less room.
_PARQUET_OPTIONS = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 1000"


@dataclass(frozen=True)
class Mart:
    """A table of the schema beside that of the version before.

    rows: how many it has. different: the units whose rows are not those of the version before, as text; None where the
    table is written whole.
    """

    name: str
    rows: int
    different: tuple[str, ...] | None = None

    @property
    def is_unchanged(self) -> bool:
        """Whether it is the table of the version before, row for row."""
        return self.different == ()


def write_database(connection: duckdb.DuckDBPyConnection, folder: Path, base: Path | None) -> dict[str, Mart]:
    """Write the schema into a file in `folder`, attached as `published`; return its tables by name.

    `base` is the folder of the version before; without one everything is written.
    """
    if base:
        connection.execute(f"ATTACH {literal(str(base / DATABASE))} AS published (READ_ONLY)")
    names = sorted(_tables(connection, "current_database()"))
    marts = {
        name: _compared(connection, name) if base else Mart(name, _count(connection, f"marts.{identifier(name)}"))
        for name in names
    }
    is_repaired = bool(base) and not _is_mostly_new(marts)
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
        if mart.different is None or not is_repaired:
            _replace(connection, mart.name)
        elif mart.different:
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


def _compared(connection: duckdb.DuckDBPyConnection, name: str) -> Mart:
    """Return the table beside that of the attached version before."""
    here, columns = f"marts.{identifier(name)}", _columns(connection, name)
    rows = _count(connection, here)
    if columns != _columns(connection, name, published=True):
        return Mart(name, rows)
    unit = _unit({column for column, *_ in columns})
    sides = " UNION ALL ".join(
        f"SELECT {unit} AS unit, count(*) AS rows, sum(hash(mart)) AS hash FROM {table} AS mart GROUP BY 1"
        for table in (here, f"published.{here}")
    )
    found = connection.execute(
        f"SELECT unit, max(rows) FROM ({sides}) GROUP BY unit"
        " HAVING count(*) < 2 OR min(rows) < max(rows) OR min(hash) < max(hash) ORDER BY unit"
    ).fetchall()
    replaced = sum(count for _, count in found)
    if found and (unit == "''" or replaced > _REWRITE_SHARE * rows):
        return Mart(name, rows)
    return Mart(name, rows, tuple(text for text, _ in found))


def _unit(columns: set[str]) -> str:
    """Return what rows are compared by, as an SQL expression: the period where they have one, else all together."""
    return " || ' ' || ".join(f"CAST({column} AS VARCHAR)" for column in _UNIT) if columns >= set(_UNIT) else "''"


def _tables(connection: duckdb.DuckDBPyConnection, catalog: str) -> set[str]:
    """Return the names of the marts, whether they are stored or views."""
    catalog = catalog if catalog.endswith("()") else literal(catalog)
    found = connection.execute(
        f"SELECT table_name FROM information_schema.tables WHERE table_schema = 'marts' AND table_catalog = {catalog}"
    ).fetchall()
    return {name for (name,) in found}


def _columns(
    connection: duckdb.DuckDBPyConnection, table: str, *, published: bool = False
) -> list[tuple[str, str, str | None]]:
    catalog = "'published'" if published else "current_database()"
    return connection.execute(
        "SELECT column_name, data_type, comment FROM duckdb_columns() "
        f"WHERE schema_name = 'marts' AND table_name = ? AND database_name = {catalog} ORDER BY column_index",
        [table],
    ).fetchall()


def _is_mostly_new(marts: dict[str, Mart]) -> bool:
    """Whether the tables that are written whole hold more than their share of all rows."""
    whole = sum(mart.rows for mart in marts.values() if mart.different is None)
    return whole > _REWRITE_SHARE * sum(mart.rows for mart in marts.values())


def _repair(connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
    name, units = identifier(mart.name), list(mart.different or ())
    unit = _unit(set(_UNIT))
    connection.execute(f"DELETE FROM published.marts.{name} WHERE list_contains(?, {unit})", [units])
    connection.execute(
        f"INSERT INTO published.marts.{name} BY NAME FROM marts.{name} WHERE list_contains(?, {unit})", [units]
    )


def _replace(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Write the table, or the rows of the view, with its comments."""
    name = identifier(table)
    connection.execute(f"CREATE OR REPLACE TABLE published.marts.{name} AS FROM marts.{name}")
    comments = connection.execute(
        """
        SELECT 'TABLE', NULL, table_comment FROM information_schema.tables
        WHERE table_schema = 'marts' AND table_catalog = current_database() AND table_name = $1
            AND table_comment IS NOT NULL
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
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])
