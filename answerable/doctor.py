"""Whether this installation can run: settings, versions, lock, disk, permissions.

Belongs here: checks, and what to do about each finding. Does not: repair anything.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import duckdb

from answerable.settings import Settings, SettingsError, unknown_names
from ingest import IngestError

LIBRARIES = ("dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations")
_WIDER_SHOWN = 5
_LOW_DISK_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One check: whether it is fine, and what was found."""

    is_fine: bool
    what: str
    seen: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield every finding; the only change is a file that is written and removed again."""
    yield from _settings(settings)
    yield from _libraries()
    yield _writable(settings.home)
    yield _disk(settings.home)
    yield _lock(settings.home)
    yield _modes(settings)
    yield _key(settings)
    yield _warehouse(settings)
    yield _programme(settings)
    yield _guard(settings)
    yield from _connections(settings)
    if settings.postgres_url is not None:
        yield _postgres(settings.postgres_url.get_secret_value())


def _settings(settings: Settings) -> Iterator[Finding]:
    for name, value in settings.model_dump().items():
        shown = "not set" if value is None else str(value)  # a SecretStr shows as stars
        yield Finding(True, f"ANSWERABLE_{name.upper()}", shown)
    for name in unknown_names():
        yield Finding(False, name, "no such setting; correct its name or remove it")


def _libraries() -> Iterator[Finding]:
    for name in LIBRARIES:
        try:
            yield Finding(True, name, version(name))
        except PackageNotFoundError:
            yield Finding(False, name, "not installed; install the version in requirements.lock")


def _writable(home: Path) -> Finding:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home) as file:
            file.write(b"answerable")
            os.fsync(file.fileno())
    except OSError as error:
        return Finding(False, "home", f"{home} can't be written to: {error.strerror}")
    return Finding(True, "home", f"{home} is writable")


def _disk(home: Path) -> Finding:
    there = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(there).free
    return Finding(free >= _LOW_DISK_BYTES, "disk", f"{free / 1024**3:.1f} GiB free")


def _lock(home: Path) -> Finding:
    from orchestration.lock import holder

    held_by = holder(home)
    return Finding(True, "lock", f"held by {held_by}" if held_by else "free")


def _modes(settings: Settings) -> Finding:
    from orchestration import modes

    wider = sorted(map(str, modes.wider(settings.home, settings.readers_group)))
    if wider:
        more = f" and {len(wider) - _WIDER_SHOWN} more" if len(wider) > _WIDER_SHOWN else ""
        return Finding(
            False, "modes", f"others can read {', '.join(wider[:_WIDER_SHOWN])}{more}; run chmod go-rwx on it"
        )
    who = f"group {settings.readers_group} reads what is published" if settings.readers_group else "the owner's alone"
    return Finding(True, "modes", who)


def _key(settings: Settings) -> Finding:
    if settings.hmac_key is None and not settings.key_file.exists():
        return Finding(True, "key", f"the first run makes {settings.key_file}; keep a copy of it")
    try:
        settings.key()
    except (SettingsError, OSError) as error:
        return Finding(False, "key", str(error))
    if settings.hmac_key is None and settings.key_file.stat().st_mode & 0o077:
        return Finding(False, "key", f"other users can read {settings.key_file}; run chmod 600 on it")
    return Finding(True, "key", "from ANSWERABLE_HMAC_KEY" if settings.hmac_key else str(settings.key_file))


def _warehouse(settings: Settings) -> Finding:
    if not settings.warehouse.exists():
        return Finding(True, "warehouse", "none yet; `answerable run` makes one")
    try:
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            tables = len(connection.execute("select 1 from duckdb_tables()").fetchall())
    except duckdb.Error as error:
        return Finding(False, "warehouse", " ".join(str(error).split()))
    return Finding(True, "warehouse", f"{tables} tables, {settings.warehouse.stat().st_size / 1024**2:.0f} MiB")


def _programme(settings: Settings) -> Finding:
    from ingest import programme
    from orchestration.manifest import DEFAULT_PROGRAMME

    try:
        with tempfile.TemporaryDirectory() as scratch:
            found = programme.resolve(settings.programme, DEFAULT_PROGRAMME, Path(scratch) / "programme")
    except (IngestError, OSError) as error:
        return Finding(False, "programme", str(error))
    return Finding(True, "programme", f"{settings.programme or 'as shipped'}, {found[:12]}")


def _guard(settings: Settings) -> Finding:
    from answerable.guard import age
    from answerable.published import current_version, open_published

    version = current_version(settings.published)
    if version is None:
        return Finding(True, "guard", "nothing is published yet")
    try:
        with open_published(settings.published_database) as marts:
            if not marts.execute("select count(*) from marts.fct_invoice").fetchall()[0][0]:
                return Finding(True, "guard", "no invoices to answer about")
            found = age.read(marts, version, settings)
    except duckdb.Error as error:
        return Finding(False, "guard", " ".join(str(error).split()))
    name = found.stalest_input
    taken_in_at = found.taken_in_at[name]
    last = f"{name} was last taken in at {taken_in_at:%Y-%m-%d %H:%M} UTC" if taken_in_at else f"{name} never landed"
    if found.is_stale:
        if found.left(name) >= timedelta(0):
            last = f"the version is {found.hours:.0f} hours old"
        return Finding(False, "guard", f"says unknown: {last}; land new files and run")
    return Finding(True, "guard", f"answers for {found.fresh_for.total_seconds() / 3600:.0f} hours more; {last}")


def _connections(settings: Settings) -> Iterator[Finding]:
    """Whether the configuration can be read, and each connection has what it reads from."""
    from ingest.connections import ConfigurationError
    from orchestration import connecting

    try:
        found = connecting.configuration(settings)
    except ConfigurationError as error:
        yield Finding(False, "connections", str(error))
        return
    if found is None:
        return
    for name in found.connections:
        lack = connecting.lack_of(found, name)
        where = found.connections[name].source
        yield Finding(lack is None, f"connection {name}", lack or f"{found.connector_of(name).title}, from {where}")


def _postgres(url: str) -> Finding:
    from orchestration import postgres

    try:
        return Finding(True, "postgres", postgres.look(url))
    except postgres.PostgresError as error:
        return Finding(False, "postgres", str(error))
