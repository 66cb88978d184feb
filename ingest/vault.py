"""Schema vault: personal values by landed version, and the keyed hashes that replace people everywhere else.

Belongs here: HMAC-SHA-256 inside DuckDB, set-based; the check that the warehouse was built with the same key.
Does not: where the key comes from (settings). The key is bound as a parameter, so it is in no SQL text, file or log.
"""

from __future__ import annotations

import hashlib

import duckdb

from ingest import IngestError, rules
from ingest.contracts import Contract
from ingest.rules import identifier
from ingest.warehouse import vault_columns

KEYED = {
    "contact_id": ("vault.contact_keys", "contact_id", "contact_key"),
    "merged_into_contact_id": ("vault.contact_keys", "contact_id", "contact_key"),
    "owner_email": ("vault.owner_keys", "owner_email", "owner_key"),
}
"""Landed column → table of its keyed hashes, the value's column there, and the hash's."""

_BLOCK = 64


def keyed_hash(value: str) -> str:
    """Return the SQL of HMAC-SHA-256 (hex) of a text; its two parameters are `pads(key)`: outer, inner."""
    return f"sha256(?::BLOB || unhex(sha256(?::BLOB || encode({value}))))"


def pads(key: bytes) -> tuple[bytes, bytes]:
    """Return the outer and the inner pad of a key (RFC 2104)."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x5C for byte in block), bytes(byte ^ 0x36 for byte in block)


def check_key(con: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Raise IngestError if existing hashes were made with another key."""
    for table, value, hashed in sorted(set(KEYED.values())):
        query = f"SELECT {hashed} = {keyed_hash(value)} FROM {table} LIMIT 1"
        row = con.execute(query, list(pads(key))).fetchone()
        if row is not None and not row[0]:
            raise IngestError(
                "the HMAC key changed, so every contact would get another contact_key; restore the key that this "
                "warehouse was built with (ANSWERABLE_HMAC_KEY or hmac.key), or start a new home"
            )


def store(con: duckdb.DuckDBPyConnection, contract: Contract, rows: str, key: bytes) -> None:
    """Add the personal values and keyed hashes of a batch's good rows. `rows` is the SQL name of the staged rows."""
    good = f"(SELECT *, {rules.record_hash(contract.content, 'landed')} AS _record_hash FROM {rows} AS landed "
    good += "WHERE NOT _is_refused)"
    if contract.personal:
        columns = ", ".join(identifier(name) for name in vault_columns(contract))
        version = ", ".join([*(identifier(key.name) for key in contract.keys), "updated_at", "_record_hash"])
        con.execute(
            f"INSERT INTO vault.{contract.table} BY NAME SELECT DISTINCT {columns} FROM {good} "
            f"ANTI JOIN vault.{contract.table} USING ({version})"
        )
    for column, (table, value, hashed) in KEYED.items():
        if column in {c.name for c in contract.columns}:
            con.execute(
                f"INSERT INTO {table} BY NAME SELECT {value}, {keyed_hash(value)} AS {hashed} FROM "
                f"(SELECT DISTINCT {column} AS {value} FROM {good} WHERE {column} IS NOT NULL) "
                f"ANTI JOIN {table} USING ({value})",
                list(pads(key)),
            )
