"""What of the mapped records is new: the difference from what this connection landed, and writing it.

Belongs here: stale records, tombstones, the brake, spells of contact roles, files that appear whole or not at all.
Does not: what a record says (mapping), whether it is good (the door).

The landed files of a connection are its only state. Each holds records that supersede those of the files before it, so
the latest record of a key is that of the last file that has it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from ingest.connections import ConnectionFailedError
from ingest.connections.mapping import SINCE, columns_of, mapped_table
from ingest.contracts import TOMBSTONE, Contract, load_contracts
from ingest.rules import literal

ROLES = "crm.contact_roles"
MOST_VANISHED, MOST_VANISHED_SHARE = 20, 0.2
_STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True)
class Change:
    """What one entity's sync comes to: records mapped, new or changed, older than the landed one, gone."""

    entity: str
    mapped: int
    landed: int
    stale: int
    vanished: int


def landed_files(zone: Path, name: str) -> dict[str, list[Path]]:
    """Return the files that a connection landed, sorted, by entity."""
    found = {
        contract.name: sorted((zone / contract.source / contract.entity / name).glob("*.parquet"))
        for contract in load_contracts().values()
    }
    return {entity: files for entity, files in found.items() if files}


def landed_at(path: Path) -> datetime:
    """Return the instant of a landed file."""
    return datetime.strptime(path.name.split("-")[0], _STAMP).replace(tzinfo=UTC)


def next_instant(zone: Path, name: str, now: datetime) -> datetime:
    """Return the instant of the next files: now, or just after the last ones, so that names sort as they landed."""
    last = [landed_at(files[-1]) for files in landed_files(zone, name).values()]
    return max(now.astimezone(UTC), *(one + timedelta(microseconds=1) for one in last)) if last else now


def read_landed(con: duckdb.DuckDBPyConnection, zone: Path, name: str, entities: Sequence[str]) -> None:
    """Create a table of the latest landed record of every key, for each entity."""
    files = landed_files(zone, name)
    for entity in entities:
        contract = load_contracts()[entity]
        keys = ", ".join(key.name for key in contract.keys)
        nothing = ", ".join(f"NULL::VARCHAR AS {column}" for column in columns_of(contract))
        body = f"SELECT {nothing} WHERE false"
        if paths := files.get(entity):
            listed = ", ".join(literal(str(path)) for path in paths)
            latest = f" QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY _from DESC) = 1" if paths[1:] else ""
            body = (
                f"SELECT {', '.join(columns_of(contract))} "
                f"FROM read_parquet([{listed}], union_by_name=true, filename='_from'){latest}"
            )
        con.execute(f"CREATE TABLE landed_{contract.table} AS {body}")


def place_roles(
    con: duckdb.DuckDBPyConnection, where: str, now: datetime, *, is_complete: bool, may_vanish: bool
) -> None:
    """Give each stated role its span, and end or correct the spans of roles that are not stated any more.

    A span starts as the vendor says; else when the contact was created; else, where another role was known before, on
    the day of the sync. What the vendor stated then and states now, and only the map reads otherwise, was wrong all the
    time: it is corrected from the same day. Raises ConnectionFailedError where more people lose every role than is
    likely: their table was left out of the export.
    """
    day, roles = literal(f"{now:%Y-%m-%d}"), mapped_table(load_contracts()[ROLES])
    contract = load_contracts()[ROLES]
    contacts = mapped_table(load_contracts()["crm.contacts"])
    has_contacts = bool(con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [contacts]).fetchone())
    of_contacts = f" UNION ALL SELECT contact_id, updated_at FROM {contacts}" if has_contacts else ""
    con.execute(
        f"""
        CREATE TABLE role_clocks AS
        WITH clocks AS (
            SELECT contact_id, max(updated_at) AS clock
            FROM (SELECT contact_id, updated_at FROM {roles}{of_contacts}) GROUP BY contact_id
        ),
        known AS (
            SELECT contact_id, max(try_cast(updated_at AS TIMESTAMPTZ)) AS at
            FROM landed_{contract.table} GROUP BY contact_id
        )
        -- an older export says nothing new about a contact
        SELECT clocks.* FROM clocks LEFT JOIN known USING (contact_id)
        WHERE known.at IS NULL OR clock IS NULL
            OR NOT coalesce(try_cast(clock AS TIMESTAMPTZ) < date_trunc('millisecond', known.at), false)
        """
    )
    con.execute(f"CREATE TABLE spells AS FROM landed_{contract.table} WHERE is_deleted IS DISTINCT FROM 'true'")
    con.execute(
        f"""
        CREATE TABLE stated AS
        SELECT said.* FROM {roles} AS said SEMI JOIN role_clocks USING (contact_id)
        WHERE said.role IS NOT NULL AND said.is_deleted IS DISTINCT FROM 'true'
        """
    )
    con.execute(
        f"""
        CREATE TABLE placed AS
        WITH same AS (
            SELECT contact_id, account_id, role, max(valid_from) AS day FROM spells WHERE valid_to IS NULL GROUP BY ALL
        ),
        read_otherwise AS (
            SELECT account_id, _vendor_id, min(valid_from) AS day FROM spells
            WHERE valid_to IS NULL AND _vendor_id IS NOT NULL GROUP BY ALL
        ),
        pairs AS (SELECT DISTINCT contact_id, account_id FROM spells)
        SELECT stated.* EXCLUDE ({SINCE}) REPLACE (coalesce(
            stated.valid_from, same.day, read_otherwise.day,
            CASE WHEN pairs.contact_id IS NOT NULL THEN {day} END, left(stated.{SINCE}, 10), {day}
        ) AS valid_from)
        FROM stated
        LEFT JOIN same USING (contact_id, account_id, role)
        LEFT JOIN read_otherwise USING (account_id, _vendor_id)
        LEFT JOIN pairs USING (contact_id, account_id)
        """
    )
    once = ", ".join(
        f"max({column}) AS {column}" for column in columns_of(contract)
        if column not in {*(key.name for key in contract.keys), "valid_to", "updated_at", "_vendor_id"}
    )  # fmt: skip
    known = "true" if is_complete else "spells.contact_id IN (SELECT contact_id FROM role_clocks)"
    same = " AND ".join(f"kept.{key.name} = spells.{key.name}" for key in contract.keys)
    is_corrected = f"(stated._vendor_id IS NOT NULL OR spells.valid_from >= {day})"
    con.execute(
        f"""
        CREATE OR REPLACE TABLE {roles} AS
        WITH kept AS (
            SELECT contact_id, account_id, role, valid_from,
                CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END AS valid_to,
                min(_vendor_id) AS _vendor_id, {once}
            FROM placed GROUP BY contact_id, account_id, role, valid_from
        ),
        ended AS (
            SELECT spells.* REPLACE (
                CASE WHEN NOT {is_corrected} THEN {day} END AS valid_to,
                CASE WHEN {is_corrected} THEN 'true' ELSE spells.is_deleted END AS is_deleted
            )
            FROM spells
            LEFT JOIN (SELECT DISTINCT account_id, _vendor_id FROM stated WHERE _vendor_id IS NOT NULL) AS stated
                ON spells.account_id = stated.account_id AND spells._vendor_id = stated._vendor_id
            WHERE spells.valid_to IS NULL AND {known} AND NOT EXISTS (
                SELECT 1 FROM kept WHERE {same}
            )
        )
        SELECT rows.* REPLACE (role_clocks.clock AS updated_at)
        FROM (
            SELECT *, NULL::VARCHAR AS updated_at FROM kept
            UNION ALL BY NAME
            SELECT * FROM ended
        ) AS rows
        LEFT JOIN role_clocks USING (contact_id)
        """
    )
    pair = "contact_id, account_id"
    held = f"(SELECT DISTINCT {pair} FROM spells WHERE valid_to IS NULL)"
    holds = f"(SELECT DISTINCT {pair} FROM {roles} WHERE valid_to IS NULL AND is_deleted IS DISTINCT FROM 'true')"
    [(people, left)] = con.execute(
        f"SELECT count(*), count(*) FILTER (WHERE {known} AND NOT EXISTS "
        f"(SELECT 1 FROM {holds} AS kept WHERE kept.contact_id = spells.contact_id "
        f"AND kept.account_id = spells.account_id)) FROM {held} AS spells"
    ).fetchall()
    if not may_vanish:
        _brake(left, people, f"holders of {ROLES}", where)


def _brake(vanished: int, held: int, what: str, where: str) -> None:
    if vanished > max(MOST_VANISHED, MOST_VANISHED_SHARE * held):
        raise ConnectionFailedError(
            f"{vanished:,} of {held:,} {what} are no longer in {where}: a partial export? Nothing of it landed; "
            "if they are really gone, set allow_vanishing: true for one sync"
        )


def compare(
    con: duckdb.DuckDBPyConnection, entity: str, where: str, now: datetime, *, is_complete: bool, may_vanish: bool
) -> Change:
    """Create a table of the records to land. Raises ConnectionFailedError where more are gone than is likely."""
    contract = load_contracts()[entity]
    mapped, landed, new = mapped_table(contract), f"landed_{contract.table}", _new_table(contract)
    on = " AND ".join(f"landed.{key.name} = mapped.{key.name}" for key in contract.keys)
    first = contract.keys[0].name
    said = [column.name for column in contract.content if column.name != "updated_at"]
    differs = " OR ".join(f"mapped.{column} IS DISTINCT FROM landed.{column}" for column in said)
    clock, known = "try_cast(mapped.updated_at AS TIMESTAMPTZ)", "try_cast(landed.updated_at AS TIMESTAMPTZ)"
    instant = literal(f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}")
    later = f"iso(coalesce({known}, {instant}::TIMESTAMPTZ) + INTERVAL 1 MICROSECOND)"
    has_tombstones = contract.has_tombstones
    # In a complete source a record may come back that was gone; its own clock did not move for that.
    is_back = f"landed.{TOMBSTONE} = 'true' AND mapped.{TOMBSTONE} IS DISTINCT FROM 'true'"
    back = f"coalesce({is_back}, false)" if has_tombstones and is_complete else "false"
    # A landed instant may be some microseconds after the vendor's: content that changed under its clock.
    stale = f"(coalesce({clock} < date_trunc('millisecond', {known}), false) AND NOT {back})"
    taken = ", ".join(f"mapped.{column.name}" for column in contract.columns if column.name != "updated_at")
    con.execute(
        f"""
        CREATE TABLE {new} AS
        SELECT {taken}, CASE
            WHEN landed.{first} IS NULL THEN coalesce(mapped.updated_at, {instant})
            WHEN mapped.updated_at IS NULL THEN greatest({instant}, {later})
            WHEN {clock} <= {known} THEN {later}
            ELSE mapped.updated_at
        END AS updated_at, landed.{first} IS NOT NULL AND {stale} AS _is_stale
        FROM {mapped} AS mapped LEFT JOIN {landed} AS landed ON {on}
        WHERE landed.{first} IS NULL OR {differs}
        """
    )
    (stale_count,) = con.execute(f"SELECT count(*) FROM {new} WHERE _is_stale").fetchone() or (0,)
    con.execute(f"DELETE FROM {new} WHERE _is_stale")
    vanished = 0
    if has_tombstones and is_complete and entity != ROLES:
        gone = (
            f"FROM {landed} AS landed WHERE landed.{TOMBSTONE} IS DISTINCT FROM 'true' "
            f"AND NOT EXISTS (SELECT 1 FROM {mapped} AS mapped WHERE {on})"
        )
        (vanished,) = con.execute(f"SELECT count(*) {gone}").fetchone() or (0,)
        (held,) = con.execute(
            f"SELECT count(*) FROM {landed} WHERE {TOMBSTONE} IS DISTINCT FROM 'true'"
        ).fetchone() or (0,)
        if not may_vanish:
            _brake(vanished, held, entity, where)
        con.execute(
            f"INSERT INTO {new} BY NAME SELECT landed.* REPLACE ('true' AS {TOMBSTONE}, "
            f"greatest({instant}, {later}) AS updated_at) {gone}"
        )
    (count,) = con.execute(f"SELECT count(*) FROM {new}").fetchone() or (0,)
    (total,) = con.execute(f"SELECT count(*) FROM {mapped}").fetchone() or (0,)
    return Change(entity, int(total), int(count), int(stale_count), int(vanished))


def write(
    con: duckdb.DuckDBPyConnection, changes: Sequence[Change], zone: Path, name: str, stem: str, out: Path
) -> list[Path]:
    """Land what changed: first every file beside its place, then all renamed. `out`: where DuckDB may write."""
    ready: list[tuple[Path, Path]] = []
    for contract in load_contracts().values():
        folder = zone / contract.source / contract.entity / name
        for left in folder.glob(".*.part"):
            left.unlink()  # a sync that was killed left it
        if not any(change.entity == contract.name and change.landed for change in changes):
            continue
        made = out / f"{contract.table}.parquet"
        keys = ", ".join(key.name for key in contract.keys)
        con.execute(
            f"COPY (SELECT {', '.join(columns_of(contract))} FROM {_new_table(contract)} ORDER BY {keys}) "
            f"TO {literal(str(made))} (FORMAT parquet, COMPRESSION zstd)"
        )
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{stem}.part"
        shutil.copyfile(made, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        ready.append((part, folder / f"{stem}.parquet"))
    for part, target in ready:
        part.replace(target)
    return [target for _, target in ready]


def stem_of(instant: datetime, map_fingerprint: str) -> str:
    """Return the name of a sync's files, without the ending."""
    return f"{instant.astimezone(UTC).strftime(_STAMP)}-{map_fingerprint}"


def _new_table(contract: Contract) -> str:
    return f"new_{contract.table}"
