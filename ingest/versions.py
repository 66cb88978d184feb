"""Good rows of a batch → schema raw: the landed versions of each record, with a hash if two share an `updated_at`.

Belongs here: adding rows to raw; finding versions of one record with the same `updated_at`, in the batch and in raw.
Does not: which version wins (dbt_project/macros/keys.sql), personal values (vault).

The hash decides between such versions and has no other use; computing it for every row would cost a quarter of a
load. Entities with personal values are small and always have it, because it joins their tables in raw and vault.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from ingest import rules, staging
from ingest.contracts import Contract
from ingest.rules import identifier
from ingest.warehouse import raw_columns


def add(con: duckdb.DuckDBPyConnection, contract: Contract, load_id: str, now: datetime) -> None:
    """Add the good rows of the staged batch to raw."""
    source, record_hash = f"{staging.rows_view(contract)} AS landed", rules.record_hash(contract.content, "landed")
    if not contract.personal:
        _find_ties(con, contract)
        source += f" LEFT JOIN temp.ties USING ({_version(contract)})"
        record_hash = f"CASE WHEN is_tie THEN {record_hash} END"
    made = {"_record_hash": record_hash, "_load_id": "?", "_loaded_at": "?::TIMESTAMPTZ"}
    columns = ", ".join(f"{made.get(name, identifier(name))} AS {identifier(name)}" for name in raw_columns(contract))
    con.execute(
        f"INSERT INTO raw.{contract.table} BY NAME SELECT {columns} FROM {source} WHERE NOT _is_refused", [load_id, now]
    )


def _find_ties(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """List the versions for which batch and raw have different records; add the missing hash to those in raw."""
    table, version = f"raw.{contract.table}", _version(contract)
    columns = ", ".join(identifier(column.name) for column in contract.content)
    good = f"(FROM {staging.batch_table(contract)} WHERE NOT _is_refused)"
    # DuckDB's own 64-bit hash: a source that lands all its records again each night costs no SHA-256 at all.
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE ties AS SELECT {version}, true AS is_tie "
        f"FROM (SELECT {version}, hash({columns}) AS content FROM {table} SEMI JOIN {good} USING ({version}) "
        f"UNION ALL SELECT {version}, hash({columns}) FROM {good}) GROUP BY ALL HAVING min(content) <> max(content)"
    )
    same = " AND ".join(f"older.{name} = ties.{name}" for name in version.split(", "))
    con.execute(
        f"UPDATE {table} AS older SET _record_hash = {rules.record_hash(contract.content, 'older')} "
        f"FROM temp.ties WHERE older._record_hash IS NULL AND {same}"
    )


def _version(contract: Contract) -> str:
    return ", ".join([*(identifier(key.name) for key in contract.keys), "updated_at"])
