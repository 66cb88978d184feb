"""Loading: landed files → raw, quarantine, vault and ledger, one transaction per batch.

A batch is all new rows of one entity in one load. It is staged, validated, then committed or stopped as a whole. A
stopped entity or a rejected file never keeps the others from loading.

Belongs here: the order of these steps and the report of what happened.
Does not: the steps themselves (landing, reading, staging, expectations, versions, quarantine, vault).
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest import IngestError, expectations, quarantine, staging, vault, versions
from ingest import landing as zone
from ingest.contracts import Contract, load_contracts
from ingest.expectations import ExpectationResult
from ingest.landing import Arrivals, ChangedError, Found, IgnoredFile, KnownFile, LandedFile, RejectedError, arrivals
from ingest.reading import DEFAULT_LIMITS, Limits
from ingest.rules import literal
from ingest.warehouse import attach, connect, explain, prepare, set_clock

__all__ = ["EntityReport", "LoadReport", "RejectedFile", "has_waiting_files", "load", "prepare", "set_clock"]


REWRITTEN = "its content changed under its name: rows that are no longer in it still count"
"""What the ledger says of a file that was loaded before with another content."""


@dataclass(frozen=True)
class RejectedFile:
    """A file that could not be read: its path under the landing zone, and the cause in one line."""

    file: str
    entity: str
    reason: str


@dataclass
class EntityReport:
    """The result for one entity. `rows_*` count the rows of this load; `stopped` says why none was committed.

    `unsettled` are files that changed while they were read, left to the next load.
    """

    files_new: int = 0
    files_duplicate: int = 0
    rejected: list[RejectedFile] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    stopped: str | None = None
    expectations: list[ExpectationResult] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class LoadReport:
    """What one load did, by entity name (`crm.accounts`) in loading order."""

    load_id: str
    entities: dict[str, EntityReport]


@dataclass(frozen=True)
class _Load:
    """What each step of a load needs."""

    con: duckdb.DuckDBPyConnection
    load_id: str
    now: datetime
    scratch: Path
    key: bytes
    limits: Limits
    tell: Callable[[str], None]


def load(
    warehouse: Path,
    landing: Path,
    home: Path,
    *,
    entities: Collection[str] | None = None,
    max_quarantined_share: float = 0.05,
    hmac_key: bytes,
    load_id: str | None = None,
    on_progress: Callable[[str], None] | None = None,
    settings: Mapping[str, str | int] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> LoadReport:
    """Load new files below `landing` and report the result by entity.

    `entities` limits the load to some contracts, by name. `settings` are DuckDB's (`memory_limit`, `threads`).
    Raises IngestError if the environment fails (no landing zone, disk, lock, permission, key), KeyError for an unknown
    entity.
    """
    contracts = load_contracts()
    chosen = [contracts[name] for name in contracts if entities is None or name in entities]
    if entities is not None and len(chosen) < len(set(entities)):
        raise KeyError(f"no contract for {', '.join(sorted(set(entities) - set(contracts)))}")
    load_id = load_id or uuid.uuid4().hex
    scratch = home / "staging"
    try:
        with staging.open_stage(settings or {}) as con:
            attach(con, warehouse)
            vault.check_key(con, hmac_key)
            staging.use_scratch(con, scratch)
            tell = on_progress or (lambda _: None)
            run = _Load(con, load_id, datetime.now(UTC), scratch, hmac_key, limits, tell)
            found = zone.survey(landing)
            _note_ignored(run, found.ignored)
            reports = _load(run, found, home, chosen, max_quarantined_share)
        shutil.rmtree(scratch, ignore_errors=True)
        return LoadReport(load_id, reports)
    except (OSError, duckdb.Error) as error:
        if isinstance(error, OSError | duckdb.IOException) or staging.is_environmental(error):
            raise IngestError(explain(error, warehouse)) from error
        raise


def has_waiting_files(warehouse: Path, landing: Path) -> bool:
    """Return whether the landing zone holds a file that no load has taken in or noted: new, touched or rejected before.

    Raises IngestError where it is no folder.
    """
    found = zone.survey(landing)
    with connect(warehouse) as con:
        return _ignored(con) != {_entry(file) for file in found.ignored} or any(
            (landed.file, landed.bytes, landed.modified_ns) not in seen
            for contract in load_contracts().values()
            for seen in [{(file.file, file.bytes, file.modified_ns) for file in _known(con, contract)}]
            for landed in found.files[contract.name]
        )


def _load(run: _Load, lying: Found, home: Path, chosen: list[Contract], share: float) -> dict[str, EntityReport]:
    reports: dict[str, EntityReport] = {}
    found: dict[str, Arrivals] = {}
    for contract in chosen:
        started = time.perf_counter()
        found[contract.name] = arrivals(lying.files[contract.name], _known(run.con, contract))
        reports[contract.name] = _stage(run, contract, found[contract.name])
        reports[contract.name].seconds += time.perf_counter() - started
    batches = [contract for contract in chosen if reports[contract.name].rows_read]
    validated = expectations.validate(run.con, batches, share, home / "reports" / "data_docs")
    for contract in chosen:
        started = time.perf_counter()
        report = reports[contract.name]
        report.expectations = validated.get(contract.name, [])
        _finish(run, contract, report, found[contract.name])
        report.seconds += time.perf_counter() - started
    return reports


def _known(con: duckdb.DuckDBPyConnection, contract: Contract) -> list[KnownFile]:
    rows = con.execute(
        "SELECT file, content_hash, bytes, modified_ns, status = 'loaded' FROM raw.load_ledger "
        "WHERE source = ? AND entity = ? AND status <> 'rejected'",
        [contract.source, contract.entity],
    ).fetchall()
    return [KnownFile(*row) for row in rows]


def _stage(run: _Load, contract: Contract, found: Arrivals) -> EntityReport:
    """Stage the new files, reject those that prove unreadable, leave those that change meanwhile."""
    staging.create_batch(run.con, contract)
    rows_read, changed = _stage_new(run, contract, found)
    if changed:
        taken = [KnownFile(one.file, content, one.bytes, one.modified_ns, True) for one, content in found.new]
        later = arrivals(filter(None, map(zone.refreshed, changed)), [*_known(run.con, contract), *taken])
        more, still = _stage_new(run, contract, later)
        rows_read += more
        found.add(later, still)
    row = run.con.execute(f"SELECT count(*) FILTER (_is_refused) FROM {staging.batch_table(contract)}").fetchone()
    refused = int(row[0]) if row else 0
    return EntityReport(
        files_new=len(found.new),
        files_duplicate=len(found.duplicates),
        rejected=[
            RejectedFile(landed.file, contract.name, f"{landed.file} ({contract.name}): {cause}")
            for landed, _, cause in found.unreadable
        ],
        unsettled=[landed.file for landed in found.unsettled],
        rows_read=rows_read,
        rows_loaded=rows_read - refused,
        rows_quarantined=refused,
    )


def _stage_new(run: _Load, contract: Contract, found: Arrivals) -> tuple[int, list[LandedFile]]:
    """Stage the new files; return the number of their rows, and the files that changed meanwhile, now left out."""
    for landed, _ in found.new:
        run.tell(f"{contract.name}: reading {landed.file}")
    rows_read, alone = staging.stage_small_files(run.con, contract, found.new, run.scratch, run.limits)
    changed = []
    for landed, content_hash in alone:
        try:
            rows_read += staging.stage_file(run.con, contract, landed, content_hash, run.scratch, run.limits)
        except RejectedError as cause:
            found.reject(landed, content_hash, str(cause))
        except ChangedError:
            changed += found.leave(landed, content_hash)
    return rows_read, changed


def _finish(run: _Load, contract: Contract, report: EntityReport, found: Arrivals) -> None:
    """Commit the batch, or stop it; a stopped batch adds only its rejected files to the ledger."""
    failed = [result for result in report.expectations if result.severity == "error" and not result.success]
    if failed:
        report.stopped = f"{contract.name}: stopped, {_why(run.con, contract, report, failed)}"
        report.rows_loaded = 0
        run.tell(report.stopped)
    if not (found.unreadable or ((found.new or found.duplicates) and not failed)):
        return
    run.con.begin()
    try:
        if not failed:
            _commit_rows(run, contract)
            _note_files(run, contract, found)
        _note_rejected(run, contract, found)
        run.con.commit()
    except BaseException:
        run.con.rollback()
        raise
    if not failed:
        run.tell(f"{contract.name}: {report.rows_loaded:,} rows loaded, {report.rows_quarantined:,} quarantined")


def _why(
    con: duckdb.DuckDBPyConnection, contract: Contract, report: EntityReport, failed: Iterable[ExpectationResult]
) -> str:
    """Return in one line which expectations failed, with counts and the most frequent reasons."""
    top = con.execute(
        "SELECT count(*), min(reason) FROM "
        f"(SELECT unnest(_reasons) AS reason FROM {staging.batch_table(contract)} WHERE _is_refused) "
        "GROUP BY split_part(reason, ':', 1) ORDER BY count(*) DESC, 2 LIMIT 3"
    ).fetchall()
    reasons = "; ".join(f"{count} × {' '.join(reason.split())}" for count, reason in top)
    counts = f"{report.rows_quarantined:,} of {report.rows_read:,} rows would be quarantined"
    names = ", ".join(result.name for result in failed)
    return f"{names}: {counts}; most frequent: {reasons or 'none'}"


def _commit_rows(run: _Load, contract: Contract) -> None:
    batch, rows = staging.batch_table(contract), staging.rows_view(contract)
    versions.add(run.con, contract, run.load_id, run.now)
    vault.store(run.con, contract, rows, run.key)
    quarantine.add(run.con, contract, rows, run.load_id, run.now)
    quarantine.resolve(run.con, contract, batch, run.load_id, run.now)


def _note_files(run: _Load, contract: Contract, found: Arrivals) -> None:
    """Add the loaded files and the duplicates to the ledger."""
    _forget_rejected(run, contract, [item[0] for item in found.new] + [item[0] for item in found.duplicates])
    run.con.execute(
        "INSERT INTO raw.load_ledger BY NAME "
        f"SELECT file, {_name(contract)}, content_hash, bytes, modified_ns, rows_read, "
        "rows_read - coalesce(refused, 0) AS rows_loaded, coalesce(refused, 0) AS rows_quarantined, "
        f"'loaded' AS status, CASE WHEN file IN (SELECT file FROM raw.load_ledger WHERE status = 'loaded') "
        f"THEN {literal(REWRITTEN)} END AS reason, ? AS load_id, ?::TIMESTAMPTZ AS loaded_at "
        f"FROM {staging.CATALOG}.files LEFT JOIN (SELECT _file_no AS file_no, count(*) FILTER (_is_refused) AS refused "
        f"FROM {staging.batch_table(contract)} GROUP BY ALL) USING (file_no) WHERE entity = ?",
        [run.load_id, run.now, contract.name],
    )
    for landed, content_hash, first in found.duplicates:
        _note(run, contract, landed, content_hash, "duplicate", f"same content as {first}")


def _note_ignored(run: _Load, ignored: list[IgnoredFile]) -> None:
    """Have the ledger name what lies there unread now, each file since the load that found it."""
    known, now = _ignored(run.con), {_entry(file): file for file in ignored}
    run.con.begin()
    for gone in known - now.keys():
        run.con.execute("DELETE FROM raw.load_ledger WHERE status = 'ignored' AND file = ?", [gone[0]])
    for new in [file for entry, file in now.items() if entry not in known]:
        run.con.execute(
            "INSERT INTO raw.load_ledger BY NAME SELECT ? AS file, ? AS source, ? AS entity, ? AS bytes, "
            "? AS modified_ns, 0 AS rows_read, 0 AS rows_loaded, 0 AS rows_quarantined, 'ignored' AS status, "
            "? AS reason, ? AS load_id, ?::TIMESTAMPTZ AS loaded_at",
            [
                _printable(new.file),
                new.source,
                new.entity,
                new.bytes,
                new.modified_ns,
                new.reason,
                run.load_id,
                run.now,
            ],
        )
    run.con.commit()


def _ignored(con: duckdb.DuckDBPyConnection) -> set[tuple[str, int, int, str]]:
    """Return what the ledger says is ignored: file, bytes, time of change, reason."""
    query = "SELECT file, bytes, modified_ns, reason FROM raw.load_ledger WHERE status = 'ignored'"
    return {(file, size, modified_ns, reason) for file, size, modified_ns, reason in con.execute(query).fetchall()}


def _entry(ignored: IgnoredFile) -> tuple[str, int, int, str]:
    return _printable(ignored.file), ignored.bytes, ignored.modified_ns, ignored.reason


def _note_rejected(run: _Load, contract: Contract, found: Arrivals) -> None:
    _forget_rejected(run, contract, [landed for landed, *_ in found.unreadable])
    for landed, content_hash, cause in found.unreadable:
        _note(run, contract, landed, content_hash, "rejected", cause)


def _forget_rejected(run: _Load, contract: Contract, files: list[LandedFile]) -> None:
    run.con.execute(
        "DELETE FROM raw.load_ledger "
        "WHERE status = 'rejected' AND source = ? AND entity = ? AND list_contains(?::VARCHAR[], file)",
        [contract.source, contract.entity, [_printable(landed.file) for landed in files]],
    )


def _note(
    run: _Load, contract: Contract, landed: LandedFile, content_hash: str | None, status: str, reason: str
) -> None:
    run.con.execute(
        "INSERT INTO raw.load_ledger BY NAME "
        f"SELECT ? AS file, {_name(contract)}, ? AS content_hash, ? AS bytes, ? AS modified_ns, 0 AS rows_read, "
        "0 AS rows_loaded, 0 AS rows_quarantined, ? AS status, ? AS reason, ? AS load_id, ?::TIMESTAMPTZ AS loaded_at",
        [
            _printable(landed.file),
            content_hash,
            landed.bytes,
            landed.modified_ns,
            status,
            reason,
            run.load_id,
            run.now,
        ],
    )


def _printable(file: str) -> str:
    """Return the path with everything that is not UTF-8 replaced."""
    return file.encode("utf-8", "replace").decode()


def _name(contract: Contract) -> str:
    return f"{literal(contract.source)} AS source, {literal(contract.entity)} AS entity"
