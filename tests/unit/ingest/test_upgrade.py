"""A warehouse of version 0.1 is one of this version after the next command: nothing it remembered is lost."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingest import load

REMEMBERED = """
create schema raw;
create table raw.publications (version varchar, published_at timestamptz, programme_hash varchar);
insert into raw.publications values ('v1', timestamptz '2026-01-01 00:00:00+00', 'p');
create table raw.deliveries (item_key varchar, kind varchar, delivered_at timestamptz);
insert into raw.deliveries values ('k', 'detractor', timestamptz '2026-01-02 00:00:00+00');
create table raw.published_loads (version varchar, load_id varchar);
insert into raw.published_loads values ('v1', 'l1');
create schema build;
create table build.changes (model varchar);
"""


def test_what_was_remembered_in_schema_raw_is_in_schema_memory(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(REMEMBERED)
    for _ in range(2):
        load.prepare(warehouse)
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            kept = [
                connection.execute(f"select {columns} from memory.{table}").fetchall()
                for table, columns in (
                    ("publications", "version, programme_hash, code_version"),
                    ("deliveries", "item_key, delivered_at is null, message_key"),
                    ("published_loads", "version, load_id"),
                )
            ]
            assert kept == [[("v1", "p", None)], [("k", False, None)], [("v1", "l1")]]
            tables = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
            assert not {("raw.publications",), ("raw.deliveries",), ("build.changes",)} & set(tables)
            assert ("raw.crm_accounts",) in tables
