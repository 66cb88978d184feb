"""One sync of one connection, from its inputs to landed files; or a check, which lands nothing.

Belongs here: the order of the steps, what makes a sync needless, what it reports.
Does not: any step itself (reading, canonical, mapping, changes), retries (orchestration).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.connections import (
    CONNECTORS,
    ENV,
    Configuration,
    Connection,
    ConnectionFailedError,
    Connector,
    canonical,
    changes,
    fingerprint,
    mapping,
    reading,
    squeeze,
)
from ingest.connections.canonical import MissingColumn
from ingest.connections.changes import Change
from ingest.connections.mapping import Links, Mapped, Programme
from ingest.contracts import load_contracts
from ingest.rules import identifier, literal

_SUGGESTED_LIKENESS = 0.6


@dataclass(frozen=True)
class Place:
    """Where a sync works: the landing zone, a private folder for what it remembers, DuckDB's settings."""

    zone: Path
    home: Path
    duckdb: Mapping[str, str | int] = field(default_factory=dict)

    def folder(self, name: str) -> Path:
        """Return the private folder of a connection."""
        return self.home / "connections" / name


@dataclass
class Report:
    """What a sync or a check found. `is_unchanged`: neither inputs nor maps changed, so nothing was done."""

    name: str
    title: str
    is_unchanged: bool = False
    rows: Mapping[str, int | None] = field(default_factory=dict)
    lost: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[MissingColumn] = ()
    others: Sequence[str] = ()
    links: Links = field(default_factory=Links)
    census: Sequence[Mapped] = ()
    apart: Sequence[str] = ()
    changes: Sequence[Change] = ()
    files: Sequence[Path] = ()
    todo: Sequence[Path] = ()

    @property
    def landed(self) -> int:
        """The number of records landed."""
        return sum(change.landed for change in self.changes)

    @property
    def unknown(self) -> list[Mapped]:
        """The values whose code is none."""
        return [one for one in self.census if not one.is_known]

    @property
    def is_incomplete(self) -> bool:
        """Whether lines of the maps or links are missing."""
        return bool(self.unknown or self.links.unlinked or self.apart)


def sync(configuration: Configuration, name: str, place: Place, now: datetime, programme: Programme) -> Report:
    """Land what is new. Raises ConnectionFailedError, and then nothing of the connection landed."""
    connector = configuration.connector_of(name)
    before = _inputs(configuration, name, place, programme)
    memory = _memory(place, name)
    if before is not None and _remembered(memory) == {"inputs": before, "landed": _landed(place, name)}:
        return Report(name, connector.title, is_unchanged=True)
    with _failing_clearly(), _worked(configuration, name, place, now, programme) as (con, report, out):
        connection = configuration.connections[name]
        if connection.strict and report.unknown:
            unknown = ", ".join(f"{one.map}: {one.value} ({one.count:,})" for one in report.unknown[:5])
            raise ConnectionFailedError(f"strict: {len(report.unknown):,} values without a code: {unknown}")
        maps = mapping.read_maps(configuration, connector)
        stem = changes.stem_of(
            changes.next_instant(place.zone, name, now), _map_fingerprint(configuration, name, connector, maps)
        )
        report.files = changes.write(con, report.changes, place.zone, name, stem, out)
    _remember(memory, {"inputs": before, "landed": _landed(place, name)})
    return report


def check(configuration: Configuration, name: str, place: Place, now: datetime, programme: Programme) -> Report:
    """Find out what a sync would do, and write what is missing of maps and links beside them."""
    with _failing_clearly(), _worked(configuration, name, place, now, programme) as (con, report, _):
        report.todo = _todo(con, configuration, report, programme)
    return report


def entities_of(configuration: Configuration, name: str) -> frozenset[str]:
    """Return the entities that a connection may land."""
    connection, connector = configuration.connections[name], configuration.connector_of(name)
    creates = connection.unlinked == "create" and connector.has_parties
    return frozenset([*(entity for entity, _, _ in connector.sql()), *(["crm.accounts"] if creates else [])])


def synced_at(place: Place, name: str) -> datetime | None:
    """Return when a connection last read all of its inputs, whether or not they held anything new."""
    try:
        return datetime.fromtimestamp(_memory(place, name).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def last_landed(zone: Path, name: str) -> str:
    """Return in one line when a connection last landed what."""
    files = changes.landed_files(zone, name)
    if not files:
        return "nothing landed yet"
    last = max(changes.landed_at(paths[-1]) for paths in files.values())
    with duckdb.connect(":memory:") as con:
        counts = [
            (entity, con.execute("SELECT count(*) FROM read_parquet(?)", [str(paths[-1])]).fetchone())
            for entity, paths in files.items()
            if changes.landed_at(paths[-1]) == last
        ]
    return f"{last:%Y-%m-%d %H:%M} UTC: {', '.join(f'{row[0]:,} {entity}' for entity, row in counts if row)}"


def is_waiting(configuration: Configuration, name: str, place: Place, programme: Programme) -> bool:
    """Return whether a sync may land something."""
    inputs = _inputs(configuration, name, place, programme)
    known = _remembered(_memory(place, name))
    return inputs is None or known != {"inputs": inputs, "landed": _landed(place, name)}


@contextmanager
def _failing_clearly() -> Iterator[None]:
    """One connection fails, such as for want of memory or disk, and the others go on."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        line = " ".join(str(error).split("\n")[0].split())
        raise ConnectionFailedError(line[:300]) from error


@contextmanager
def _worked(
    configuration: Configuration, name: str, place: Place, now: datetime, programme: Programme
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Report, Path]]:
    """Do all but landing: yield the session, its report, and the folder in which DuckDB may write."""
    connection, connector = configuration.connections[name], configuration.connector_of(name)
    maps, own_links = mapping.read_maps(configuration, connector), mapping.read_links(configuration)
    place.folder(name).mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.folder(name), prefix="sync-") as scratch:
        out = Path(scratch) / "out"
        out.mkdir()
        with duckdb.connect(":memory:") as con:
            for setting, value in place.duckdb.items():
                con.execute(f"SET GLOBAL {identifier(setting)} = {literal(str(value))}")
            con.execute("SET GLOBAL TimeZone = 'UTC'")
            con.execute("SET enable_progress_bar = false")
            con.execute(f"SET GLOBAL temp_directory = {literal(str(Path(scratch) / 'spill'))}")
            con.execute("SET preserve_insertion_order = false")
            mapping.create_words(con, name, connection, connector, maps, now)
            mapping.create_known(con, name, place.zone)
            con.execute(mapping.MACROS.read_text(encoding="utf-8"))
            changes.read_landed(con, place.zone, name, sorted(entities_of(configuration, name)))
            tables = _read(con, configuration, name, place, Path(scratch))
            # What follows is SQL of connectors: it sees what was read, and nothing else of this machine.
            con.execute(f"SET allowed_directories = [{literal(str(out))}]")
            con.execute("SET enable_external_access = false")
            con.execute("SET lock_configuration = true")
            report = Report(
                name,
                connector.title,
                rows=tables.rows,
                lost={table: one.lost or "" for table, one in connector.vendor_tables.items()},
                missing=tables.missing,
            )
            report.links = mapping.link(con, name, connection, connector, own_links)
            mapped = mapping.map_records(con, name, connection, connector, tables)
            if not mapped:
                raise ConnectionFailedError(
                    f"no query of {connector.title} has all its tables: export {connector.export}"
                )
            report.census = mapping.census(con, connector, tables, programme)
            report.apart = mapping.apart(report.census, programme)
            _check_owners(con, configuration, name, mapped)
            instant = changes.next_instant(place.zone, name, now)
            if changes.ROLES in mapped:
                changes.place_roles(
                    con,
                    connection.source,
                    instant,
                    is_complete=connection.is_complete,
                    may_vanish=connection.allow_vanishing,
                )
            report.changes = [
                changes.compare(
                    con,
                    entity,
                    connection.source,
                    instant,
                    is_complete=connection.is_complete,
                    may_vanish=connection.allow_vanishing,
                )
                for entity in mapped
            ]
            yield con, report, out


def _read(
    con: duckdb.DuckDBPyConnection, configuration: Configuration, name: str, place: Place, scratch: Path
) -> canonical.Tables:
    connection, connector = configuration.connections[name], configuration.connector_of(name)
    wanted = {
        squeezed
        for table, specification in connector.vendor_tables.items()
        for squeezed in canonical.names_of(table, specification, connection)
    }
    takes_any = any(specification.any_file for specification in connector.vendor_tables.values())
    source = reading.open_source(
        con,
        connection,
        configuration.folder,
        scratch,
        lambda table: (takes_any and not connection.is_database) or squeeze(table) in wanted,
        connector.headers,
    )
    try:
        return canonical.create(con, connection, connector, source)
    except duckdb.Error as error:
        line = " ".join(str(error).split("\n")[0].split())
        raise ConnectionFailedError(f"{connection.source} can't be read: {line[:300]}") from error
    finally:
        if ".duckdb" in connection.source:
            con.execute("DETACH DATABASE IF EXISTS vendor")


def _check_owners(
    con: duckdb.DuckDBPyConnection, configuration: Configuration, name: str, mapped: Mapping[str, int]
) -> None:
    """Raise ConnectionFailedError where another connection landed a record of the same id."""
    others = ", ".join(literal(other) for other in configuration.connections if other != name) or "NULL"
    for entity, known, key in (
        ("crm.accounts", "known_accounts", "account_id"),
        ("crm.contacts", "known_contacts", "contact_id"),
    ):
        if entity not in mapped:
            continue
        twice = con.execute(
            f"SELECT known.{key}, known.connection, count(*) OVER () FROM {known} AS known "
            f"SEMI JOIN {mapping.mapped_table(load_contracts()[entity])} USING ({key}) "
            f"WHERE known.connection IN ({others}) ORDER BY 1 LIMIT 1"
        ).fetchone()
        if twice:
            raise ConnectionFailedError(
                f"{entity} {twice[0]} is landed by {twice[1]}, too ({twice[2]:,} ids are): one alone may own it"
            )


def _inputs(configuration: Configuration, name: str, place: Place, programme: Programme) -> str | None:
    """Return what a sync would read, as a fingerprint; None where only reading it would tell."""
    connection, connector = configuration.connections[name], configuration.connector_of(name)
    if connection.source.startswith(ENV):
        return None
    source = configuration.folder / connection.source.partition("#")[0]
    paths = [path for _, path in reading.files_of(source)] if source.is_dir() else [source]
    known = [place.zone / "crm" / entity for entity in ("accounts", "contacts")]
    own = {path for files in changes.landed_files(place.zone, name).values() for path in files}
    read = [
        *paths,
        *sorted(path for folder in known for path in folder.rglob("*") if path.is_file() and path not in own),
        *sorted(path for path in connector.folder.rglob("*") if path.is_file() and "fixture" not in path.parts),
        *sorted((configuration.folder / "maps").glob("*.csv")),
        *sorted(CONNECTORS.parent.glob("*.py")),
        configuration.folder / mapping.LINKS,
        mapping.MACROS,
    ]
    stats = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in read if path.exists()]
    return fingerprint(connection.model_dump_json(), programme if connection.strict else "", stats)


def _map_fingerprint(
    configuration: Configuration, name: str, connector: Connector, maps: Mapping[tuple[str, str], str]
) -> str:
    connection: Connection = configuration.connections[name]
    told = connection.model_dump_json(include={"columns", "settings", "tables", "dates", "time_zone", "unlinked"})
    links = [link for link in mapping.read_links(configuration) if link[0] == name]
    return fingerprint(told, sorted(maps.items()), sorted(links), list(connector.sql()))


def _landed(place: Place, name: str) -> list[str]:
    files = changes.landed_files(place.zone, name)
    return sorted(path.relative_to(place.zone).as_posix() for paths in files.values() for path in paths)


def _memory(place: Place, name: str) -> Path:
    return place.folder(name) / "synced.json"


def _remembered(memory: Path) -> object:
    """Return what the last sync left; it saves work, and is no loss."""
    try:
        return json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _remember(memory: Path, what: object) -> None:
    partial = memory.with_suffix(".part")
    partial.write_text(json.dumps(what), encoding="utf-8")
    partial.replace(memory)


def _todo(
    con: duckdb.DuckDBPyConnection, configuration: Configuration, report: Report, programme: Programme
) -> list[Path]:
    """Write the lines that maps and links lack, to be finished in a spreadsheet."""
    written = []
    maps = configuration.folder / "maps"
    connector = configuration.connector_of(report.name)
    for name in dict.fromkeys(one.map for one in report.unknown):
        codes, _ = mapping.known_codes(connector.maps[name].to, programme)
        maps.mkdir(exist_ok=True)
        path = maps / f"{name}.todo.csv"
        con.execute("CREATE OR REPLACE TEMP TABLE codes (code VARCHAR)")
        con.executemany("INSERT INTO codes VALUES (?)", [[code] for code in sorted(codes or ())] or [[None]])
        lines = [("value", "rows", "suggested code")]
        for one in (one for one in report.unknown if one.map == name):
            near = con.execute(
                "SELECT code FROM codes WHERE jaro_winkler_similarity(code, code_of(?)) >= ? "
                "ORDER BY jaro_winkler_similarity(code, code_of(?)) DESC, code LIMIT 1",
                [one.value, _SUGGESTED_LIKENESS, one.value],
            ).fetchone()
            lines.append((one.value, str(one.count), near[0] if near else ""))
        written.append(_write_csv(path, lines))
    if report.links.unlinked and report.links.candidates:
        rows = con.execute(
            """
            SELECT connection, ref, name, account_id, round(likeness, 2) FROM (
                SELECT getvariable('connection') AS connection, parties.ref, parties.name, candidates.account_id,
                    jaro_winkler_similarity(plain_name(candidates.account_name), plain_name(parties.name)) AS likeness
                FROM (FROM parties ANTI JOIN links USING (ref)) AS parties LEFT JOIN candidates ON true
            )
            QUALIFY row_number() OVER (PARTITION BY ref ORDER BY likeness DESC NULLS LAST, account_id) = 1
            ORDER BY likeness DESC NULLS LAST, ref
            """
        ).fetchall()
        header = ("connection", "ref", "name", "suggested account_id", "likeness")
        path = configuration.folder / "links.todo.csv"
        kept = [] if not path.exists() else _others_links(path, report.name)
        written.append(
            _write_csv(path, [header, *kept, *(tuple("" if v is None else str(v) for v in r) for r in rows)])
        )
    return written


def _others_links(path: Path, name: str) -> list[tuple[str, ...]]:
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in list(csv.reader(file))[1:] if row and row[0] != name]


def _write_csv(path: Path, lines: Sequence[tuple[str, ...]]) -> Path:
    import csv

    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    return path
