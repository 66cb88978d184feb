"""Feedback in the team's hands: what is new in the published version goes to each team's `delivery_url`, once.

Belongs here: one delivery from beginning to end. Does not: when it happens (orchestration), words (`messages`),
what was sent (`ledger`), how it is handed over (`sending`).

Everything happens under the writer's lock, which the caller holds: two deliveries at once would send twice.
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
    """The instant that counts as now, and how many days back feedback is new."""

    as_of: datetime
    days: float


@dataclass
class Delivery:
    """What became of one team's feedback. `failure` is one line without secrets; `is_passing`: a retry may help."""

    team: TeamDelivery
    messages: int = 0
    items: int = 0
    waiting: int = 0
    reason: str | None = None
    failure: str | None = None
    is_passing: bool = False

    def __str__(self) -> str:
        """Say it in one line."""
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
    """Send each team what is due to it; one that can't be reached keeps no other from its own.

    `database` is the published file, `home` the warehouse file with the ledger. What was accepted is written down at
    once. Raises IngestError or duckdb.Error where the files can't be used.
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
    """Return the messages a team would be sent now, as text, or a sample; nothing is sent or written down."""
    known: dict[str, Entry] = {}
    if home.exists():
        with duckdb.connect(str(home), read_only=True) as connection:
            known = ledger.read(connection)
    news = _read(database, known, [team], when)
    planned = _plan(team, news, known, when.as_of)
    drafts = planned.messages
    said = [f"To        {team.where}"]
    if planned.waiting:
        said.append(f"Waiting   {counted(planned.waiting, 'item')}: {planned.reason}")
    if not drafts:
        drafts = (messages.SAMPLE,)
        said.append("Nothing would be sent now. A message looks like this one, which is made up:")
    for message in drafts:
        said += ["", f"Key       {message.key}", f"Subject   {messages.subject(team, message)}", ""]
        said.append(messages.text(team, message, news.version))
    return "\n".join([*said, "", "A dry run: nothing was sent, nothing was recorded."])


def _read(database: Path, known: dict[str, Entry], teams: Sequence[TeamDelivery], when: When) -> Feedback:
    awaited = {entry.item_id for entry in known.values() if entry.delivered_at is None}
    news = feedback.read(database, [team.team_id for team in teams], when.as_of, when.days, awaited)
    # an awaited id brings all that is about it: what was never noted and is not new is none of ours
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
