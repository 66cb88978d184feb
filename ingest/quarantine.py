"""Quarantine: refused records with every reason, until a better version of them arrives.

Belongs here: adding a batch's refused rows, resolving old ones, and refusing scores that only a build can judge.
Does not: decide what makes a row bad (rules) or whether a batch is stopped (expectations).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.contracts import Contract, load_contracts
from ingest.rules import identifier, literal, sql_type
from ingest.warehouse import connect

JUDGED = "intermediate.int_answers__verdicts"


def add(con: duckdb.DuckDBPyConnection, contract: Contract, rows: str, load_id: str, now: datetime) -> None:
    """Add the refused rows of a batch. `rows` is the SQL name of its staged rows with `_file` and `_row_number`."""
    con.execute(
        f"INSERT INTO quarantine.records BY NAME SELECT {_name(contract)}, _file AS file, _row_number AS row_number, "
        "_record::JSON AS record, _reasons AS reasons, ? AS load_id, _key AS record_key, "
        "_changed_at AS record_updated_at, ?::TIMESTAMPTZ AS quarantined_at, 'load' AS found_by "
        f"FROM {rows} WHERE _is_refused ORDER BY _file, _row_number",
        [load_id, now],
    )


def resolve(con: duckdb.DuckDBPyConnection, contract: Contract, batch: str, load_id: str, now: datetime) -> None:
    """Resolve refused records that have a good version as new or newer.

    Earlier ones are compared with the batch alone, those of this load with all of raw, so that the work grows with the
    batch and not with history. A good version in a later load resolves a record whose updated_at can't be read.
    """
    good = f"(FROM {batch} WHERE NOT _is_refused)"
    _resolve(con, contract, "record.load_id <> $load", good, "record.record_updated_at IS NULL", load_id, now)
    _resolve(con, contract, "record.load_id = $load", f"raw.{contract.table}", "false", load_id, now)


def _resolve(
    con: duckdb.DuckDBPyConnection, contract: Contract, which: str, good: str, or_else: str, load_id: str, now: datetime
) -> None:
    is_open = (
        f"record.source = {literal(contract.source)} AND record.entity = {literal(contract.entity)} "
        f"AND record.resolved_at IS NULL AND record.found_by = 'load' AND record.record_key IS NOT NULL AND {which}"
    )
    bound = {"load": load_id}
    if con.execute(f"SELECT 1 FROM quarantine.records AS record WHERE {is_open} LIMIT 1", bound).fetchone():
        con.execute(
            f"UPDATE quarantine.records AS record SET resolved_at = $now FROM {good} AS good WHERE {is_open} "
            f"AND {_same_key(contract)} AND (good.updated_at >= record.record_updated_at OR {or_else})",
            bound | {"now": now},
        )


def settle_scores(warehouse: Path) -> None:
    """Update quarantine with the scores that the build found invalid. Idempotent. Raises IngestError.

    Reads `intermediate.int_answers__verdicts` (verdict, standing, _file, _row_number, _load_id): every landed version
    with a verdict has a row, open unless a good version superseded it; the row of a version found good is resolved.
    """
    contract = load_contracts()["survey.answers"]
    with connect(warehouse) as con:
        now = datetime.now(UTC)
        con.begin()
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE off_scale AS SELECT raw.*, judged.verdict, "
            "CASE WHEN judged.standing = 'superseded' THEN ?::TIMESTAMPTZ END AS resolved_at "
            f"FROM {JUDGED} AS judged JOIN raw.{contract.table} AS raw USING (_file, _row_number, _load_id) "
            "WHERE judged.verdict IS NOT NULL",
            [now],
        )
        same = "record.file = off_scale._file AND record.row_number = off_scale._row_number "
        same += "AND record.load_id = off_scale._load_id AND record.found_by = 'judgement'"
        con.execute(
            "UPDATE quarantine.records AS record SET reasons = [off_scale.verdict], "
            f"resolved_at = off_scale.resolved_at FROM off_scale WHERE {same} "
            "AND (record.reasons <> [off_scale.verdict] "
            "OR (record.resolved_at IS NULL) <> (off_scale.resolved_at IS NULL))"
        )
        con.execute(
            "UPDATE quarantine.records AS record SET resolved_at = ? WHERE record.found_by = 'judgement' "
            f"AND record.resolved_at IS NULL AND NOT EXISTS (FROM off_scale WHERE {same})",
            [now],
        )
        con.execute(
            f"INSERT INTO quarantine.records BY NAME SELECT {_name(contract)}, _file AS file, "
            f"_row_number AS row_number, {_record(contract)} AS record, [verdict] AS reasons, _load_id AS load_id, "
            f"[{', '.join(f'{column.name}::VARCHAR' for column in contract.keys)}] AS record_key, "
            "updated_at AS record_updated_at, ?::TIMESTAMPTZ AS quarantined_at, 'judgement' AS found_by, resolved_at "
            f"FROM off_scale WHERE NOT EXISTS (FROM quarantine.records AS record WHERE {same})",
            [now],
        )
        con.commit()


def _name(contract: Contract) -> str:
    return f"{literal(contract.source)} AS source, {literal(contract.entity)} AS entity"


def _same_key(contract: Contract) -> str:
    return " AND ".join(
        f"good.{identifier(column.name)} = try_cast(record.record_key[{i}] AS {sql_type(column)})"
        for i, column in enumerate(contract.keys, 1)
    )


def _record(contract: Contract) -> str:
    pairs = ", ".join(f"{literal(c.name)}, {identifier(c.name)}" for c in contract.columns if not c.is_personal)
    return f"json_object({pairs})"
