"""The staging area of one load: batches of typed rows in a private in-memory DuckDB, before anything is committed.

Belongs here: one table per entity with typed columns, reasons and raw record; the list of staged files.
Does not: reading a format (reading), the rules of a type (rules), the decision to commit (expectations, load).

An in-memory database spills to `scratch` beyond the memory limit and writes no compressed blocks, which are half the
cost of loading through a staging file. A killed process leaves only that folder behind.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from ingest import reading, rules
from ingest.contracts import TOMBSTONE, Column, Contract
from ingest.landing import ChangedError, LandedFile, RejectedError, check_unchanged
from ingest.reading import Limits, NewFile, Reading
from ingest.rules import identifier, literal

CATALOG = "memory.main"
"""Where DuckDB puts the tables of an in-memory database, the default of every new cursor. In full, because the
warehouse has a schema called memory."""


def open_stage(settings: Mapping[str, str | int]) -> duckdb.DuckDBPyConnection:
    """Return a connection to an empty staging area. `settings` are DuckDB's own, such as `memory_limit`."""
    # A batch is staged whole, however large: 31.7 million interactions within 1 GiB took 1.5 GiB at their peak, spilled
    # 11 GB, and cost 1.5 times the processor time per row of a batch that fits.
    con = duckdb.connect(":memory:")
    con.execute("SET GLOBAL TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")
    for name, value in settings.items():
        con.execute(f"SET GLOBAL {identifier(name)} = {literal(str(value))}")
    con.execute(f"CREATE TABLE {rules.TIME_ZONES} AS SELECT name FROM pg_timezone_names()")
    con.execute(
        f"CREATE TABLE {CATALOG}.files (file_no INTEGER, entity VARCHAR, file VARCHAR, content_hash VARCHAR, "
        "bytes BIGINT, modified_ns BIGINT, first_row BIGINT, rows_read BIGINT)"
    )
    return con


def use_scratch(con: duckdb.DuckDBPyConnection, scratch: Path) -> None:
    """Spill to a folder, emptied first. Only the process that holds the warehouse's lock may call this."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    con.execute(f"SET GLOBAL temp_directory = {literal(str(scratch))}")


def batch_table(contract: Contract) -> str:
    """Return the SQL name of the entity's staged rows."""
    return f"{CATALOG}.{identifier(contract.table)}"


def create_batch(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Create the entity's staging table, and its view with `_file` and `_row_number`."""
    columns = ", ".join(f"{identifier(column.name)} {rules.sql_type(column)}" for column in contract.columns)
    con.execute(
        f"CREATE TABLE {batch_table(contract)} ({columns}, _extra VARCHAR, _file_no INTEGER, "
        "_is_refused BOOLEAN, _reasons VARCHAR[], _landed VARCHAR[], _record VARCHAR, _key VARCHAR[], "
        "_changed_at TIMESTAMPTZ)"
    )
    con.execute(
        f"CREATE VIEW {rows_view(contract)} AS "
        f"SELECT batch.*, files.file AS _file, batch.rowid - files.first_row + 1 AS _row_number "
        f"FROM {batch_table(contract)} AS batch JOIN {CATALOG}.files AS files ON files.file_no = batch._file_no"
    )


def rows_view(contract: Contract) -> str:
    """Return the SQL name of the entity's staged rows with `_file` and `_row_number`."""
    return f"{CATALOG}.{identifier(contract.table + '_rows')}"


def stage_file(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    landed: LandedFile,
    content_hash: str,
    scratch: Path,
    limits: Limits,
) -> int:
    """Stage all records of a file and return their number.

    Raises RejectedError with the cause, or ChangedError if the file changed meanwhile, and then keeps nothing.
    The number of a record is its position in the table, so readers must keep the order and nothing is ever deleted.
    """
    try:
        attempts = reading.attempts(landed, contract, scratch, limits)
        return _stage_somehow(con, contract, (landed, content_hash), attempts)
    except RejectedError:
        check_unchanged(landed)  # half of a file says nothing about the whole
        raise


def stage_small_files(
    con: duckdb.DuckDBPyConnection, contract: Contract, new: list[NewFile], scratch: Path, limits: Limits
) -> tuple[int, list[NewFile]]:
    """Stage small files together; return the number of their records, and the files that are to be staged alone.

    One statement for many files: planning it costs fifteen times what a record does.
    """
    rows, alone = 0, []
    for group, attempt in reading.together(new, contract, scratch, limits):
        if attempt is None:
            alone += group
            continue
        try:
            with _transaction(con):
                rows += _stage(con, contract, attempt(con), group)
                for landed, _ in group:
                    check_unchanged(landed)
        except (duckdb.Error, RejectedError, ChangedError) as error:
            if isinstance(error, duckdb.Error) and is_environmental(error):
                raise
            if len(group) == 1:
                alone += group
                continue
            for half in (group[: len(group) // 2], group[len(group) // 2 :]):
                more, left = stage_small_files(con, contract, half, scratch, limits)
                rows, alone = rows + more, alone + left
    return rows, alone


def _stage_somehow(
    con: duckdb.DuckDBPyConnection, contract: Contract, new: NewFile, attempts: Iterator[reading.Attempt]
) -> int:
    failure: duckdb.Error | None = None
    for attempt in attempts:
        try:
            with _transaction(con):
                rows = _stage(con, contract, attempt(con), [new])
                check_unchanged(new[0])
                return rows
        except duckdb.Error as error:
            if is_environmental(error):
                raise
            failure = error
    raise RejectedError(reading.cause_of(new[0], failure) if failure else "can't be read")


def is_environmental(error: duckdb.Error) -> bool:
    """Return whether the machine failed, not the file."""
    return isinstance(error, duckdb.OutOfMemoryException) or "No space left on device" in str(error)


class _transaction:  # noqa: N801 reads as a statement
    """Commit at the end of the block, roll back if it raises."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con

    def __enter__(self) -> None:
        self.con.begin()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.con.commit()
        else:
            self.con.rollback()


def _stage(con: duckdb.DuckDBPyConnection, contract: Contract, source: Reading, new: list[NewFile]) -> int:
    table = batch_table(contract)
    (first_row,) = con.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
    (file_no,) = con.execute(f"SELECT count(*) FROM {CATALOG}.files").fetchone() or (0,)
    con.execute(f"INSERT INTO {table} BY NAME {_typed_rows(contract, source)}", [int(file_no), *source.parameters])
    (after,) = con.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
    if not source.has_header:
        _require_in_records(con, contract, int(file_no))
    con.execute(
        f"INSERT INTO {CATALOG}.files SELECT listed.file_no, $1, file, content_hash, bytes, modified_ns, "
        "coalesce(first_row, 0), coalesce(rows_read, 0) FROM (SELECT $2 + unnest(range(len($3))) AS file_no, "
        "unnest($3) AS file, unnest($4) AS content_hash, unnest($5) AS bytes, unnest($6) AS modified_ns) AS listed "
        "LEFT JOIN (SELECT _file_no, min(rowid) - min(min(rowid)) OVER () + $7 AS first_row, count(*) AS rows_read "
        f"FROM {table} WHERE _file_no >= $2 GROUP BY _file_no) AS found ON found._file_no = listed.file_no",
        [
            contract.name,
            file_no,
            [landed.file for landed, _ in new],
            [content_hash for _, content_hash in new],
            [landed.bytes for landed, _ in new],
            [landed.modified_ns for landed, _ in new],
            first_row,
        ],
    )
    return int(after) - int(first_row)


def _require_in_records(con: duckdb.DuckDBPyConnection, contract: Contract, first_file: int) -> None:
    """Reject a file without a header if none of its records has a required column."""
    names = [column.name for column in contract.columns]
    counts = ", ".join(f"count(_landed[{i}])" for i in range(1, len(names) + 1))
    for refused, *found in con.execute(
        f"SELECT count(_landed), {counts} FROM {batch_table(contract)} WHERE _file_no >= ? "
        "GROUP BY _file_no HAVING count(*) FILTER (NOT _is_refused) = 0",
        [first_file],
    ).fetchall():
        missing = contract.missing([name for name, count in zip(names, found, strict=True) if count])
        if refused and missing:
            raise RejectedError(f"required column missing: {', '.join(missing)}")


def _typed_rows(contract: Contract, source: Reading) -> str:
    """Return the query from landed texts to staged rows; only refused rows get reasons, record and key."""
    columns = contract.columns
    native = source.typed
    texts = {column.name: f"t{i}" for i, column in enumerate(columns)}
    values = {column.name: f"v{i}" for i, column in enumerate(columns)}
    tombstone = rules.tombstone(contract, texts.get(TOMBSTONE, ""))
    conditions = {
        column.name: _condition(column, texts[column.name], values[column.name], source, tombstone)
        for column in columns
    }
    landed = ", ".join(f"{source.texts[column.name]} AS {texts[column.name]}" for column in columns)
    typed = ", ".join(
        f"{native.get(column.name) or rules.typed(column, texts[column.name])} AS {values[column.name]}"
        for column in columns
    )
    together = rules.row_rules(contract.name, values)
    reasons = ", ".join(
        [
            *(f"CASE WHEN NOT {conditions[one.name]} THEN {rules.reason(one, texts[one.name])} END" for one in columns),
            *(f"CASE WHEN NOT {condition} THEN {literal(reason)} END" for reason, condition in together.items()),
        ]
    )
    is_good = " AND ".join([*conditions.values(), *together.values()])
    keys_fine = " AND ".join(conditions[column.name] for column in contract.keys)
    keys = ", ".join(f"{values[column.name]}::VARCHAR" for column in contract.keys)
    named = ", ".join(f"{values[column.name]} AS {identifier(column.name)}" for column in columns)
    refused_only = {
        "_reasons": f"CASE WHEN broken IS NOT NULL THEN [broken] "
        f"ELSE list_filter([{reasons}], lambda reason: reason IS NOT NULL) END",
        "_landed": f"CASE WHEN broken IS NULL THEN [{', '.join(texts.values())}] END",
        "_record": source.record,
        "_key": f"CASE WHEN broken IS NULL AND {keys_fine} THEN [{keys}] END",
        "_changed_at": f"CASE WHEN broken IS NULL AND {conditions['updated_at']} THEN {values['updated_at']} END",
    }
    refused = ", ".join(f"CASE WHEN _is_refused THEN {sql} END AS {name}" for name, sql in refused_only.items())
    return (
        f"SELECT {named}, extra AS _extra, ?::INTEGER + {source.position} AS _file_no, _is_refused, {refused} "
        f"FROM (SELECT *, broken IS NOT NULL OR NOT ({is_good}) AS _is_refused "
        f"FROM (SELECT *, {typed} FROM (SELECT *, {landed}, {source.broken} AS broken, {source.extra} AS extra "
        f"FROM {source.relation})))"
    )


def _condition(column: Column, text: str, value: str, source: Reading, tombstone: str | None) -> str:
    if column.name in source.typed:
        return rules.is_fine(column, value, rules.is_plausible(value), tombstone)
    return rules.is_fine(column, text, rules.rule(column, text, value, may_hold_nul=source.may_hold_nul), tombstone)
