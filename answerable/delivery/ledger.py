"""The ledger of deliveries, `memory.deliveries` in the warehouse: what is due, being sent and accepted.

Belongs here: reading and writing it, each step one durable commit.
Does not: what goes into a message (`plan`), sending it (`sending`).

An item is noted when it is first seen. A message is recorded with its key and items before it is sent, and as
delivered once it is accepted. A message in between, killed or refused, is sent again under its key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from answerable.delivery.feedback import Item


@dataclass(frozen=True)
class Entry:
    """What is known about an item: the message that carries it, and when it was accepted."""

    item_key: str
    item_id: str
    team_id: str
    message_key: str | None
    delivered_at: datetime | None
    delivered_as_of: datetime | None


def read(connection: duckdb.DuckDBPyConnection) -> dict[str, Entry]:
    """Return every entry by item key. A warehouse older than deliveries has none."""
    try:
        rows = connection.execute(
            "SELECT item_key, item_id, team_id, message_key, delivered_at, delivered_as_of FROM memory.deliveries"
        ).fetchall()
    except duckdb.CatalogException:
        return {}
    return {row[0]: Entry(*row) for row in rows}


def note(connection: duckdb.DuckDBPyConnection, items: Iterable[Item]) -> None:
    """Record items that are not in the ledger yet; they are due until they are delivered."""
    now = datetime.now(UTC)
    rows = [[item.key, item.kind, item.item_id, item.response_id, item.team_id, now] for item in items]
    if not rows:
        return
    connection.begin()
    connection.executemany(
        """
        INSERT INTO memory.deliveries (item_key, kind, item_id, response_id, team_id, noted_at, attempt_count)
        VALUES (?, ?, ?, ?, ?, ?, 0)
        """,
        rows,
    )
    connection.commit()


def begin(connection: duckdb.DuckDBPyConnection, message_key: str, item_keys: list[str]) -> None:
    """Record that a message with these items is about to be sent."""
    connection.execute(
        """
        UPDATE memory.deliveries SET message_key = ?, attempted_at = ?, attempt_count = attempt_count + 1
        WHERE list_contains(?, item_key)
        """,
        [message_key, datetime.now(UTC), item_keys],
    )


def accept(connection: duckdb.DuckDBPyConnection, item_keys: list[str], as_of: datetime) -> None:
    """Record that the message with these items was accepted."""
    connection.execute(
        "UPDATE memory.deliveries SET delivered_at = ?, delivered_as_of = ? WHERE list_contains(?, item_key)",
        [datetime.now(UTC), as_of, item_keys],
    )
