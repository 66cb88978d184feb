"""The severity of one text, by the SQL by which the run judged every notice.

Belongs here: running the published views over one text. Does not: phrases, or what they mean (dbt_project).
"""

from __future__ import annotations

import json
from contextlib import closing

import duckdb

_JUDGED = "select severity, wording_phrase from warehouse.intermediate.int_notices__wording_severity"
_TYPES = "select column_name, data_type from duckdb_columns() where table_name = 'phrases'"
_PHRASES = """
    create table warehouse.staging.stg_programme__billing_phrases as
    select unnest(from_json($1::json, $2::json), recursive := true)
"""
_ONE_NOTICE = """
    create table warehouse.raw.billing_notices as
    select 'asked' as notice_id, $1::varchar as subject, $2::varchar as body, false as is_deleted,
        timestamptz '2000-01-01 00:00:00+00' as updated_at, null::varchar as _record_hash
"""


def severity(guard: duckdb.DuckDBPyConnection, subject: str | None, body: str | None) -> tuple[int, str | None]:
    """Return the severity of the words and the phrase that decides it; 0 and none where no phrase counts.

    `guard` is open on the version's `guard.duckdb`. The text is held in memory until this returns.
    """
    if not subject and not body:
        return 0, None
    cursor = guard.execute("from phrases")
    columns = [column[0] for column in cursor.description or []]
    phrases = json.dumps([dict(zip(columns, row, strict=True)) for row in cursor.fetchall()])
    types = json.dumps([dict(guard.execute(_TYPES).fetchall())])
    with closing(duckdb.connect()) as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse")
        for schema in ("raw", "staging", "intermediate"):
            connection.execute(f"create schema {schema}")
        connection.execute(_ONE_NOTICE, [subject, body])
        connection.execute(_PHRASES, [phrases, types])
        # what reads the other's rows comes second
        for (sql,) in guard.execute("select sql from views order by name desc").fetchall():
            connection.execute(sql)
        row = connection.execute(_JUDGED).fetchone()
    return (int(row[0]), row[1]) if row else (0, None)
