"""The client's connections in an installation: where they are configured, where they land, under which clock.

Belongs here: what the settings say about them. Does not: a sync (ingest.connections), when one is due (defs, run).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from answerable.settings import Settings
from ingest import connections
from ingest.connections import Configuration, ConfigurationError, ConnectionFailedError, mapping, syncing
from ingest.connections.mapping import Programme
from ingest.connections.syncing import Place, Report
from orchestration.manifest import DEFAULT_PROGRAMME


def configuration(settings: Settings) -> Configuration | None:
    """Return what ANSWERABLE_CONNECTIONS names, None if nothing. Raises ConfigurationError."""
    if settings.connections is None:
        return None
    found = connections.read(settings.connections)
    for name in found.connections:  # what is wrong for all is said before any lands
        mapping.read_maps(found, found.connector_of(name))
    mapping.read_links(found)
    return found


def required(settings: Settings) -> Configuration:
    """Return the configuration. Raises ConfigurationError if there is none."""
    found = configuration(settings)
    if found is None:
        raise ConfigurationError(
            "no connections: name their file in ANSWERABLE_CONNECTIONS, or write one with "
            "`answerable connect --init CONNECTOR FOLDER`"
        )
    return found


def sync(settings: Settings, found: Configuration, name: str) -> Report:
    """Land what is new of one connection. Raises ConnectionFailedError."""
    return syncing.sync(found, name, _place(settings), settings.as_of, _programme(settings))


def check(settings: Settings, found: Configuration, name: str) -> Report:
    """Find out what a sync would do, and land nothing. Raises ConnectionFailedError."""
    return syncing.check(found, name, _place(settings), settings.as_of, _programme(settings))


def is_waiting(settings: Settings) -> bool:
    """Return whether a sync of some connection may land something."""
    found = configuration(settings)
    return found is not None and any(
        syncing.is_waiting(found, name, _place(settings), _programme(settings)) for name in found.connections
    )


def synced(settings: Settings) -> Mapping[str, datetime]:
    """Return when each entity that a database holds was last read from it."""
    found = configuration(settings)
    read_at: dict[str, datetime] = {}
    for name, connection in found.connections.items() if found else ():
        last = syncing.synced_at(_place(settings), name) if connection.is_database else None
        for entity in syncing.entities_of(found, name) if found and last else ():
            read_at[entity] = max(filter(None, (read_at.get(entity), last)))
    return read_at


def last_landed(settings: Settings) -> Mapping[str, str]:
    """Return for each connection in one line when it last landed what."""
    found = configuration(settings)
    return {name: syncing.last_landed(settings.landing, name) for name in found.connections} if found else {}


def lack_of(found: Configuration, name: str) -> str | None:
    """Return what a connection lacks to be read at all, None if nothing. Reads no data."""
    where = found.connections[name].source.partition("#")[0]
    if where.startswith(connections.ENV):
        try:
            connections.variable(where, "from")
        except ConnectionFailedError as error:
            return str(error)
        return None
    return None if (found.folder / where).exists() else f"there is no {found.folder / where}"


def entities_by_connection(found: Configuration) -> Mapping[str, frozenset[str]]:
    """Return the entities that each connection may land."""
    return {name: syncing.entities_of(found, name) for name in found.connections}


def initial(path: Path, connector: str, folder: str) -> str:
    """Add a connection to a `connections.yml`, made if it is missing; return its name. Raises ConfigurationError."""
    connections.read_connector(path.parent, connector)
    name = connector.rstrip("/").rsplit("/", 1)[-1].lower()
    lines = [f"  {name}:", f"    connector: {connector}", f"    from: {folder.rstrip('/')}"]
    if path.exists():
        if name in connections.read(path).connections:
            raise ConfigurationError(f"{path}: there is a connection {name} already")
        text = path.read_text(encoding="utf-8").rstrip("\n") + "\n"
    else:
        text = "# order matters: whoever owns the accounts comes first\nconnections:\n"
    path.write_text(text + "\n".join(lines) + "\n", encoding="utf-8")
    return name


def _place(settings: Settings) -> Place:
    return Place(settings.landing, settings.home, settings.duckdb)


def _programme(settings: Settings) -> Programme:
    folders = [settings.programme] if settings.programme else []
    return mapping.read_programme([*folders, DEFAULT_PROGRAMME])
