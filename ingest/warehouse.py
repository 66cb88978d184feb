"""The warehouse file: opening it, and the schemas that dbt does not build (raw, quarantine, vault, memory).

Belongs here: table definitions that follow from the contracts, the run's clock, one-line errors for a file in use.
Does not: fill the tables (load, quarantine, vault), or what dbt builds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from ingest import IngestError
from ingest.contracts import Contract, load_contracts
from ingest.rules import identifier, literal, record_hash, sql_type

CATALOG = "warehouse"
STORAGE_VERSION = "v1.5.0"
"""The newest file format that DuckDB 1.5 reads; it writes a quarter faster than the default."""


@dataclass(frozen=True)
class Table:
    """A table that loading owns. `columns`: name → DuckDB type and description."""

    description: str
    columns: Mapping[str, tuple[str, str]]


LINEAGE: Mapping[str, tuple[str, str]] = {
    "_extra": ("VARCHAR", "JSON of landed columns that the contract does not have; null if there are none"),
    "_record_hash": (
        "VARCHAR",
        "SHA-256 (hex) of what the record says, typed; null unless another version differs at the same updated_at",
    ),
    "_file": ("VARCHAR", "Path of the file under the landing zone"),
    "_row_number": ("BIGINT", "Number of the record in its file; the first after the header is 1"),
    "_load_id": ("VARCHAR", "Load that brought the row"),
    "_loaded_at": ("TIMESTAMPTZ", "Time of the load"),
}
"""The columns that every raw table has besides those of its contract: type and description."""

TABLES: Mapping[str, Table] = {
    "raw.load_ledger": Table(
        "Every landed file that a load found: rows_read = rows_loaded + rows_quarantined.",
        {
            "file": ("VARCHAR", "Path of the file under the landing zone"),
            "source": ("VARCHAR", "Source the file belongs to, such as crm"),
            "entity": ("VARCHAR", "Entity the file holds, such as accounts"),
            "content_hash": ("VARCHAR", "SHA-256 (hex) of the file's bytes; null if they could not be read"),
            "bytes": ("BIGINT", "Size of the file in bytes"),
            "modified_ns": ("BIGINT", "Time of the file's last change, in nanoseconds since 1970"),
            "rows_read": ("BIGINT", "Records found in the file"),
            "rows_loaded": ("BIGINT", "Records loaded into schema raw"),
            "rows_quarantined": ("BIGINT", "Records put in quarantine"),
            "status": ("VARCHAR", "loaded, duplicate (same content as another file) or rejected (unreadable)"),
            "reason": ("VARCHAR", "Why the file was rejected, or which file it repeats; null if loaded"),
            "load_id": ("VARCHAR", "Load that found the file"),
            "loaded_at": ("TIMESTAMPTZ", "Time of that load"),
        },
    ),
    "memory.clock": Table(
        "The run's clock, one row: the only now that models read.",
        {
            "as_of": ("TIMESTAMPTZ", "The instant that counts as now in every model of the run"),
            "code_version": ("VARCHAR", "Version of the code of the run; null if not given"),
        },
    ),
    "memory.last_build": Table(
        "The last build of the marts, one row; none before the first one.",
        {
            "is_finished": ("BOOLEAN", "Whether the marts are those of this build: false while one is under way"),
            "programme_hash": ("VARCHAR", "SHA-256 (hex) of the programme it was built with"),
            "project_hash": ("VARCHAR", "SHA-256 (hex) of the dbt project that built it"),
            "as_of": ("TIMESTAMPTZ", "The instant that counted as now in it"),
        },
    ),
    "memory.built_loads": Table(
        "Loads whose records the last finished build has seen.",
        {"load_id": ("VARCHAR", "A load of the ledger")},
    ),
    "memory.last_run": Table(
        "What the last run that left nothing undone was made of, one row; none while a run is under way.",
        {"made_of": ("VARCHAR", "JSON: code, programme, settings and UTC day of the clock")},
    ),
    "memory.scored_periods": Table(
        "Periods whose rows in the marts are the scores of their content.",
        {
            "period_key": ("VARCHAR", "The period"),
            "fingerprint": ("VARCHAR", "Of what it was last scored from"),
        },
    ),
    "memory.publications": Table(
        "Every published version, the latest last.",
        {
            "version": ("VARCHAR", "Name of the published version"),
            "published_at": ("TIMESTAMPTZ", "When it was published"),
            "programme_hash": ("VARCHAR", "SHA-256 (hex) of the programme it was built with"),
            "code_version": ("VARCHAR", "Version of the code that built it"),
            "input_watermarks": ("VARCHAR", "JSON: latest change and load by landed entity"),
            "row_counts": ("VARCHAR", "JSON: rows by published table"),
            "checks_passed": ("BIGINT", "Number of checks that passed before it was published"),
            "as_of": ("TIMESTAMPTZ", "The instant that counted as now in its run"),
        },
    ),
    "memory.restatements": Table(
        "Every number that a publication changed; the history of `rpt_restatement`.",
        {
            "version": ("VARCHAR", "The publication with the new number"),
            "previous_version": ("VARCHAR", "The publication before it"),
            "number": ("VARCHAR", "headline or team_contribution"),
            "level": ("VARCHAR", "Survey level"),
            "period_grain": ("VARCHAR", "month, quarter or trailing_year"),
            "period_start": ("DATE", "First day of the period"),
            "period_end": ("DATE", "First day after the period"),
            "attribution_rule": ("VARCHAR", "owner or handler; null for headlines"),
            "team_id": ("VARCHAR", "The team; null for headlines"),
            "previous_value": ("DOUBLE", "The number in the previous publication; null if withheld"),
            "new_value": ("DOUBLE", "The number in this publication; null if withheld or gone"),
            "change": ("DOUBLE", "New minus previous points; null if one of them is null"),
            "is_period_open": ("BOOLEAN", "Whether the period had not ended at the previous publication"),
            "reasons": ("VARCHAR", "Every reason found, in alphabetical order, separated by commas"),
        },
    ),
    "memory.deliveries": Table(
        "Every item of feedback sent or due to a team; the ledger that keeps it from being sent twice.",
        {
            "item_key": ("VARCHAR", "Key the item is sent under: hash (hex) of kind, item_id and team_id"),
            "kind": ("VARCHAR", "detractor, flagged_notice or overdue_follow_up"),
            "item_id": ("VARCHAR", "The response, or the notice"),
            "response_id": ("VARCHAR", "The response the item is about; null for notices"),
            "team_id": ("VARCHAR", "The team that gets it"),
            "noted_at": ("TIMESTAMPTZ", "When the item was first due"),
            "message_key": (
                "VARCHAR",
                "Key of the message that carries it, never changed; null until the message is composed",
            ),
            "attempt_count": ("BIGINT", "How often the message was sent to the team's endpoint"),
            "attempted_at": ("TIMESTAMPTZ", "When the last attempt to send it began; null before the first"),
            "delivered_at": ("TIMESTAMPTZ", "When the endpoint accepted it; null until then"),
            "delivered_as_of": ("TIMESTAMPTZ", "The instant that counted as now in the run that delivered it"),
        },
    ),
    "memory.notice_checks": Table(
        "Every question that the guard answered, by its lines in the home.",
        {
            "check_id": ("VARCHAR", "The question"),
            "asked_at": ("TIMESTAMPTZ", "When it was asked, by the guard's clock"),
            "client": ("VARCHAR", "Who asked: the name of a token, or cli"),
            "notice_id": ("VARCHAR", "The asker's own id of the notice; null if not given"),
            "invoice_id": ("VARCHAR", "The invoice; null where it was not found"),
            "account_id": ("VARCHAR", "The invoice's account; null where it was not found"),
            "notice_kind": ("VARCHAR", "Kind of the notice"),
            "channel": ("VARCHAR", "Channel it would go out by"),
            "severity": ("BIGINT", "Severity by kind and wording; null where nothing was published"),
            "send_at": ("TIMESTAMPTZ", "When it would go out"),
            "verdict": ("VARCHAR", "go, soften, hold or unknown"),
            "reasons": ("VARCHAR", "Codes of the reasons, joined by commas"),
            "version": ("VARCHAR", "The version that answered; null where none could"),
            "as_of": ("TIMESTAMPTZ", "The version's clock; null where none could"),
        },
    ),
    "memory.published_loads": Table(
        "Loads whose records are in the last publication.",
        {
            "version": ("VARCHAR", "Name of the published version"),
            "load_id": ("VARCHAR", "A load of the ledger"),
        },
    ),
    "memory.published_headlines": Table(
        "Headlines of the last publication.",
        {
            "version": ("VARCHAR", "Name of the published version"),
            "level": ("VARCHAR", "Survey level"),
            "period_grain": ("VARCHAR", "month, quarter or trailing_year"),
            "period_start": ("DATE", "First day of the period"),
            "period_end": ("DATE", "First day after the period"),
            "score": ("DOUBLE", "The headline in points; null if withheld"),
        },
    ),
    "memory.published_team_contributions": Table(
        "Contributions of teams in the last publication.",
        {
            "version": ("VARCHAR", "Name of the published version"),
            "level": ("VARCHAR", "Survey level"),
            "period_grain": ("VARCHAR", "month, quarter or trailing_year"),
            "period_start": ("DATE", "First day of the period"),
            "period_end": ("DATE", "First day after the period"),
            "weighting": ("VARCHAR", "value, account or none"),
            "attribution_rule": ("VARCHAR", "owner or handler"),
            "team_id": ("VARCHAR", "The team"),
            "contribution": ("DOUBLE", "Points of the headline; null if withheld"),
        },
    ),
    "memory.published_role_weights": Table(
        "Role weights of the programme in the last publication, resolved.",
        {
            "version": ("VARCHAR", "Name of the published version"),
            "role": ("VARCHAR", "The role"),
            "account_type": ("VARCHAR", "Kind of account"),
            "weight": ("DOUBLE", "Weight of the role"),
            "valid_from": ("DATE", "First day of the interval"),
            "valid_to": ("DATE", "First day after the interval; null while open"),
        },
    ),
    "memory.published_owners": Table(
        "Owners of touchpoints in the last publication, resolved.",
        {
            "version": ("VARCHAR", "Name of the published version"),
            "touchpoint": ("VARCHAR", "The touchpoint"),
            "account_type": ("VARCHAR", "Kind of account"),
            "region": ("VARCHAR", "Region of accounts"),
            "team_id": ("VARCHAR", "The accountable team"),
            "valid_from": ("DATE", "First day of the interval"),
            "valid_to": ("DATE", "First day after the interval; null while open"),
        },
    ),
    "memory.published_relevance": Table(
        "Relevance of touchpoints to roles in the last publication, resolved.",
        {
            "version": ("VARCHAR", "Name of the published version"),
            "role": ("VARCHAR", "The role"),
            "touchpoint": ("VARCHAR", "The touchpoint"),
            "relevance": ("DOUBLE", "Relevance from 0 to 1"),
        },
    ),
    "quarantine.records": Table(
        "Refused records, each with every reason, until a better version arrives.",
        {
            "source": ("VARCHAR", "Source of the refused record, such as crm"),
            "entity": ("VARCHAR", "Entity of the refused record, such as accounts"),
            "file": ("VARCHAR", "Path of its file under the landing zone"),
            "row_number": ("BIGINT", "Number of the record in its file; the first after the header is 1"),
            "record": ("JSON", "The record as landed, without personal values; {line: text} if it has no columns"),
            "reasons": ("VARCHAR[]", "Every reason for the refusal: column, value and what is expected"),
            "load_id": ("VARCHAR", "The load that brought it"),
            "resolved_at": ("TIMESTAMPTZ", "When a better version of the record arrived; null while open"),
            "record_key": ("VARCHAR[]", "The record's key, in contract order; null if unreadable"),
            "record_updated_at": ("TIMESTAMPTZ", "The record's updated_at; null if unreadable"),
            "quarantined_at": ("TIMESTAMPTZ", "When it was refused"),
            "found_by": ("VARCHAR", "load (while loading) or judgement (a score against its question)"),
        },
    ),
    "vault.contact_keys": Table(
        "The keyed hash of every contact that a landed record names.",
        {
            "contact_id": ("VARCHAR", "A contact of any landed entity"),
            "contact_key": ("VARCHAR", "Keyed hash (HMAC-SHA-256, hex) that replaces the contact everywhere else"),
        },
    ),
    "vault.owner_keys": Table(
        "The keyed hash of every account owner.",
        {
            "owner_email": ("VARCHAR", "E-mail address of an account's owner"),
            "owner_key": ("VARCHAR", "Keyed hash (HMAC-SHA-256, hex) that replaces the owner everywhere else"),
        },
    ),
}


@contextmanager
def connect(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for writing, with all schemas; all instants are UTC. Raises IngestError."""
    with duckdb.connect(":memory:") as con:
        con.execute("SET GLOBAL TimeZone = 'UTC'")
        con.execute("SET enable_progress_bar = false")
        attach(con, warehouse)
        con.execute("DETACH memory")  # so that the name means the warehouse's schema
        yield con


def attach(con: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """Attach the warehouse to a connection as its default catalog and create what is missing. Raises IngestError."""
    try:
        warehouse.parent.mkdir(parents=True, exist_ok=True)
        options = "" if warehouse.exists() else f" (STORAGE_VERSION '{STORAGE_VERSION}')"
        con.execute(f"ATTACH {literal(str(warehouse))} AS {CATALOG}{options}")
        con.execute(f"USE {CATALOG}")
        _create(con)
    except (OSError, duckdb.Error) as error:
        raise IngestError(explain(error, warehouse)) from error


def explain(error: Exception, path: Path) -> str:
    """Return in one line what went wrong with the file, and the remedy."""
    line = " ".join(str(error).split("\n")[0].split())
    holder = re.search(r"PID (\d+)", line)
    if re.search(r"\block\b|already attached|different configuration", line):
        who = f" (process {holder.group(1)})" if holder else ""
        return f"{path} is in use{who}: wait for the other run, or stop it"
    if isinstance(error, PermissionError) or "Permission denied" in line or "read-only" in line.lower():
        return f"{path} can't be written to: check the owner and mode of {path.parent}"
    if "No space left" in line or "Out of Memory" in line:
        return f"{path}: {line}; free disk or memory and run again, nothing is lost"
    return f"{path}: {line}"


def prepare(warehouse: Path) -> None:
    """Create the file, schemas and tables that are missing. Raises IngestError."""
    with connect(warehouse):
        pass


def set_clock(warehouse: Path, as_of: datetime, code_version: str | None = None) -> None:
    """Set the instant that every model of the run takes as now, and the version of the code.

    Raises IngestError, or ValueError if `as_of` has no time zone.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of must have a time zone")
    with connect(warehouse) as con:
        con.begin()
        con.execute("DELETE FROM memory.clock")
        con.execute("INSERT INTO memory.clock BY NAME SELECT ? AS as_of, ? AS code_version", [as_of, code_version])
        con.commit()


def raw_columns(contract: Contract) -> dict[str, tuple[str, str]]:
    """Return the columns of the entity's table in schema raw: name → type and description."""
    landed = {
        column.name: (sql_type(column), column.description) for column in contract.columns if not column.is_personal
    }
    return landed | dict(LINEAGE)


def vault_columns(contract: Contract) -> dict[str, tuple[str, str]]:
    """Return the columns of the entity's table in schema vault: key, version and personal values."""
    chosen = [column for column in contract.columns if column.is_key or column.is_personal]
    columns = {column.name: (sql_type(column), column.description) for column in contract.keys}
    columns["updated_at"] = ("TIMESTAMPTZ", "When the source last changed the record")
    columns["_record_hash"] = LINEAGE["_record_hash"]
    return columns | {column.name: (sql_type(column), column.description) for column in chosen if column.is_personal}


def tables() -> dict[str, Table]:
    """Return every table that loading owns, by `schema.table`."""
    contracts = load_contracts().values()
    landed = {
        f"raw.{one.table}": Table(f"{one.description} One row: {one.grain}.", raw_columns(one)) for one in contracts
    }
    personal = {
        f"vault.{one.table}": Table(f"Personal values of {one.name}. One row: {one.grain}.", vault_columns(one))
        for one in contracts
        if one.personal
    }
    return landed | personal | dict(TABLES)


def _create(con: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing, including columns that a newer contract adds."""
    found: dict[str, set[str]] = {}
    for table, column in con.execute(
        f"SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() WHERE database_name = '{CATALOG}'"
    ).fetchall():
        found.setdefault(table, set()).add(column)
    wanted = tables()
    if all(set(table.columns) <= found.get(name, set()) for name, table in wanted.items()):
        return
    con.begin()
    for schema in sorted({name.split(".")[0] for name in wanted}):
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.{schema}")
    # What is remembered lay in schema raw before version 0.2.
    for name in wanted.keys() - found.keys():
        schema, table = name.split(".")
        if schema == "memory" and f"raw.{table}" in found:
            con.execute(f"CREATE TABLE {CATALOG}.{name} AS FROM {CATALOG}.raw.{table}")
            con.execute(f"DROP TABLE {CATALOG}.raw.{table}")
            found[name] = found[f"raw.{table}"]
    con.execute(f"DROP SCHEMA IF EXISTS {CATALOG}.build CASCADE")
    for name, table in wanted.items():
        spec = ", ".join(f"{identifier(column)} {kind}" for column, (kind, _) in table.columns.items())
        con.execute(f"CREATE TABLE IF NOT EXISTS {CATALOG}.{name} ({spec})")
        for column, (kind, _) in table.columns.items():
            if name in found and column not in found[name]:
                con.execute(f"ALTER TABLE {CATALOG}.{name} ADD COLUMN {identifier(column)} {kind}")
    for contract in load_contracts().values():
        raw = f"raw.{contract.table}"
        if raw in found and not set(raw_columns(contract)) <= found[raw]:
            _hash_again(con, contract)
    con.commit()


def _hash_again(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Give the versions of an entity the hash over the columns it has now, so that they tie-break as if landed now."""
    raw, vault = f"{CATALOG}.raw.{contract.table}", f"{CATALOG}.vault.{contract.table}"
    version = [*(identifier(key.name) for key in contract.keys), "updated_at", "_record_hash"]
    whole = raw
    if contract.personal:
        personal = ", ".join(identifier(column.name) for column in contract.personal)
        whole = f"(SELECT raw.*, {personal} FROM {raw} AS raw JOIN {vault} USING ({', '.join(version)}))"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE hashed_again AS SELECT DISTINCT {', '.join(version)}, "
        f"{record_hash(contract.content, 'landed')} AS hash_now FROM {whole} AS landed WHERE _record_hash IS NOT NULL"
    )
    same = " AND ".join(f"older.{name} = hashed_again.{name}" for name in version)
    for table in (raw, vault) if contract.personal else (raw,):
        con.execute(f"UPDATE {table} AS older SET _record_hash = hash_now FROM temp.hashed_again WHERE {same}")
    con.execute("DROP TABLE temp.hashed_again")
