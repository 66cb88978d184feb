"""Dagster's event log in one SQLite file, kept open.

Belongs here: how events are written. Dagster's own SQLite log opens a new engine up to four times per event, 2 ms
each: 11.6 s for the events of 110 assets with 350 checks. One engine and one transaction per event take 1.9 s.
Does not: what is logged, or how it is read; all of that is inherited.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from threading import RLock
from typing import Any

import sqlalchemy as db
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy.pool import StaticPool

_BUSY_TIMEOUT_SECONDS = 60


class EventLog(ConsolidatedSqliteEventLogStorage):
    """The consolidated SQLite event log on one connection per process, which its threads use in turn."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Keep the log in the directory."""
        self._lock = RLock()
        self._open: db.Connection | None = None
        self._known_tables: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> "EventLog":
        """Build the log from its block in dagster.yaml."""
        return cls(inst_data=inst_data, **config_value)

    @cached_property
    def _engine(self) -> db.Engine:
        arguments = {"timeout": _BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
        engine = db.create_engine(self._conn_string, poolclass=StaticPool, connect_args=arguments)
        # With a write-ahead log, `NORMAL` loses at most the last events before a power cut, never consistency.
        db.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=NORMAL"))
        # The UI follows a run by watching the main file, which only a checkpoint changes: so make several a second.
        db.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA wal_autocheckpoint=50"))
        return engine

    @contextmanager
    def _connect(self) -> Iterator[db.Connection]:
        with self._lock:
            if self._open is not None:
                yield self._open
                return
            with self._engine.connect() as connection, connection.begin():
                self._open = connection
                try:
                    yield connection
                finally:
                    self._open = None

    def has_table(self, table_name: str) -> bool:
        """Return whether the table exists; a table that existed once is not looked up again."""
        if table_name not in self._known_tables:
            with self._connect() as connection:
                if not self._engine.dialect.has_table(connection, table_name):
                    return False
            self._known_tables.add(table_name)
        return True

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event and everything that follows from it in one transaction."""
        with self._connect():
            super().store_event(event)

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events in one transaction."""
        with self._connect():
            for event in events:
                super().store_event(event)

    def dispose(self) -> None:
        """Close the connection."""
        super().dispose()  # type: ignore[no-untyped-call]
        self._engine.dispose()
