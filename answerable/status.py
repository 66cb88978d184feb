"""The state of a home: the served version, what connections landed, the last loads, rows in quarantine, who
holds the lock.

Belongs here: reading. Does not: judge whether all is well (`doctor`).
"""

from __future__ import annotations

import duckdb
from rich.console import Console
from rich.table import Table
from rich.text import Text

from answerable.published import current_version
from answerable.settings import Settings
from answerable.summary import printable
from ingest.connections import ConfigurationError
from orchestration import connecting
from orchestration.lock import holder
from orchestration.publishing import versions

_LOADS = """
    select strftime(max(loaded_at), '%Y-%m-%d %H:%M'), count(*) filter (status = 'loaded'), sum(rows_read),
        sum(rows_quarantined), count(*) filter (status = 'rejected')
    from raw.load_ledger where status <> 'ignored' group by load_id order by max(loaded_at) desc limit 3
"""
_IGNORED = "select file || ': ' || reason from raw.load_ledger where status = 'ignored' order by file"
_IGNORED_SHOWN = 10
_OPEN = "select count(*) from quarantine.records where resolved_at is null"


def show(console: Console, settings: Settings) -> None:
    """Print the state of a home."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    served = current_version(settings.published)
    table.add_row("Serving", served or "nothing yet; run `answerable run` first")
    for version in reversed(versions(settings.published)):
        if version != served:
            table.add_row("Kept", version)
    for label, line in _connections(settings):
        table.add_row(label, Text(printable(line)))
    for label, line in _warehouse(settings):
        table.add_row(label, Text(printable(line)))
    held_by = holder(settings.home)
    table.add_row("Lock", f"held by {held_by}" if held_by else "free")
    console.print(table)


def _connections(settings: Settings) -> list[tuple[str, str]]:
    try:
        return [("Connection", f"{name}: {line}") for name, line in connecting.last_landed(settings).items()]
    except ConfigurationError as error:
        return [("Connections", str(error))]


def _warehouse(settings: Settings) -> list[tuple[str, str]]:
    if not settings.warehouse.exists():
        return [("Loads", "none yet")]
    try:
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            loads = connection.execute(_LOADS).fetchall()
            ignored = [line for (line,) in connection.execute(_IGNORED).fetchall()]
            waiting = connection.execute(_OPEN).fetchall()[0][0]
    except duckdb.IOException:
        return [("Loads", "a run is writing the warehouse; try again after it")]
    except duckdb.CatalogException:
        return [("Loads", "none yet")]
    lines = [
        ("Loaded", f"{at} UTC: {files} files, {read:,} rows, {quarantined:,} quarantined, {rejected} files rejected")
        for at, files, read, quarantined, rejected in loads
    ]
    return [
        *(lines or [("Loads", "none yet")]),
        ("Quarantine", f"{waiting:,} rows open"),
        ("Ignored", f"{len(ignored):,} files that no contract reads"),
        *(("", line) for line in ignored[:_IGNORED_SHOWN]),
    ]
