"""Delivery of feedback: what is new in the published version goes to each team's `delivery_url`, once.

Belongs here: one delivery from beginning to end. Does not: when it happens (orchestration), its text (`messages`),
what was sent (`ledger`), how it is sent (`sending`).

The caller holds the writer's lock throughout: two deliveries at once would send everything twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from answerable.delivery import feedback, ledger, messages, sending
from answerable.delivery.feedback import Feedback
from answerable.delivery.ledger import Entry
from answerable.delivery.messages import Message, Plan
from answerable.delivery.sending import DeliveryError
from answerable.words import counted
from ingest import warehouse
from ingest.team_delivery import TeamDelivery


@dataclass(frozen=True)
class When:
    """The instant that counts as now, and for how many days feedback is new."""

    as_of: datetime
    days: float


@dataclass
class Delivery:
    """The result of one team's delivery. `failure` is one line without secrets; `is_passing`: a retry may help."""

    team: TeamDelivery
    messages: int = 0
    items: int = 0
    waiting: int = 0
    reason: str | None = None
    failure: str | None = None
    is_passing: bool = False

    def __str__(self) -> str:
        """Return the result as one line."""
        parts = [
            f"{counted(self.messages, 'message')} with {counted(self.items, 'item')} accepted by {self.team.where}"
        ]
        if not self.messages:
            parts = [] if self.waiting or self.failure else ["nothing new"]
        if self.waiting:
            parts.append(f"{counted(self.waiting, 'item')} wait{'s' if self.waiting == 1 else ''}")
        parts += [text for text in (self.reason, self.failure) if text]
        return f"{self.team.team_id}: {'; '.join(parts)}"


def deliver(database: Path, home: Path, teams: Sequence[TeamDelivery], when: When) -> list[Delivery]:
    """Send each team what is due to it; if one can't be reached, the others still get theirs.

    `database` is the published file, `home` the warehouse file with the ledger. Each accepted message is recorded at
    once. Raises IngestError or duckdb.Error if the files can't be used.
    """
    found = []
    with warehouse.connect(home) as connection:
        known = ledger.read(connection)
        news = _read(database, known, teams, when)
        ledger.note(connection, (item for item in news.items if item.key not in known))
        for team in teams:
            found.append(outcome := Delivery(team))
            planned = _plan(team, news, known, when.as_of)
            outcome.waiting, outcome.reason = planned.waiting, planned.reason
            try:
                sending.check_installed()
                for message in planned.messages:
                    _send(connection, team, message, news.version, when.as_of)
                    outcome.messages += 1
                    outcome.items += len(message.items)
            except DeliveryError as error:
                outcome.failure, outcome.is_passing = str(error), error.is_passing
                outcome.waiting += sum(len(message.items) for message in planned.messages[outcome.messages :])
    return found


def draft(database: Path, home: Path, team: TeamDelivery, when: When) -> str:
    """Return, as text, the messages that would go to a team now, or a sample; nothing is sent or recorded."""
    known: dict[str, Entry] = {}
    if home.exists():
        with duckdb.connect(str(home), read_only=True) as connection:
            known = ledger.read(connection)
    news = _read(database, known, [team], when)
    planned = _plan(team, news, known, when.as_of)
    drafts = planned.messages
    lines = [f"To        {team.where}"]
    if planned.waiting:
        lines.append(f"Waiting   {counted(planned.waiting, 'item')}: {planned.reason}")
    if not drafts:
        drafts = (messages.SAMPLE,)
        lines.append("Nothing would be sent now. This made-up message shows what one looks like:")
    for message in drafts:
        lines += ["", f"Key       {message.key}", f"Subject   {messages.subject(team, message)}", ""]
        lines.append(messages.text(team, message, news.version))
    return "\n".join([*lines, "", "This was a dry run: nothing was sent or recorded."])


def _read(database: Path, known: dict[str, Entry], teams: Sequence[TeamDelivery], when: When) -> Feedback:
    awaited = {entry.item_id for entry in known.values() if entry.delivered_at is None}
    news = feedback.read(database, [team.team_id for team in teams], when.as_of, when.days, awaited)
    # An awaited id brings every item about it; those neither noted before nor new are left out.
    return Feedback(news.version, tuple(item for item in news.items if item.is_new or item.key in known))


def _plan(team: TeamDelivery, news: Feedback, known: dict[str, Entry], as_of: datetime) -> Plan:
    return messages.plan(team, [item for item in news.items if item.team_id == team.team_id], known, as_of)


def _send(
    connection: duckdb.DuckDBPyConnection, team: TeamDelivery, message: Message, version: str, as_of: datetime
) -> None:
    keys = [item.key for item in message.items]
    ledger.begin(connection, message.key, keys)
    sending.send(team, message.key, messages.subject(team, message), messages.text(team, message, version))
    ledger.accept(connection, keys, as_of)
