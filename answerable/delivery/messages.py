"""Messages to a team: which items go together, and their plain text.

Belongs here: composing by the team's digest, waiting in quiet hours, the text. Does not: sending, recording.

No person's name and no word that a client wrote is sent. Names of accounts and surveys are data from other systems:
each is put on one line, stripped of control characters, and sent as plain text.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from answerable import scorecards, words
from answerable.delivery.feedback import Item
from answerable.delivery.ledger import Entry
from ingest.team_delivery import TeamDelivery

MOST_ITEMS = 50
"""Nobody reads a longer message; several are sent instead."""

_LONGEST = 120
_HEADINGS = {
    "detractor": "Detractor",
    "flagged_notice": "Flagged billing notice",
    "overdue_follow_up": "Overdue follow-up",
}


@dataclass(frozen=True)
class Message:
    """Items that are sent together under one key, which never changes."""

    key: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Plan:
    """What is sent to a team now, and how many items wait, and why."""

    messages: tuple[Message, ...]
    waiting: int = 0
    reason: str | None = None


SAMPLE = Message(
    "0" * 32,
    (
        Item(
            "detractor",
            "made-up-response",
            "",
            True,
            {
                "account_name": "A made-up account",
                "account_id": "made-up",
                "nps_score": 3,
                "survey_id": "made-up",
                "level": "relationship",
                "answered_at": datetime(2026, 1, 5, 9, tzinfo=UTC),
                "touchpoint": None,
                "is_lead": True,
                "share": 0.4,
                "is_follow_up_due": True,
                "followed_up_at": None,
                "follow_up_due_at": datetime(2026, 1, 7, 9, tzinfo=UTC),
            },
        ),
    ),
)
"""An example, for a dry run that has no message to show."""


def plan(team: TeamDelivery, items: Sequence[Item], ledger: Mapping[str, Entry], as_of: datetime) -> Plan:
    """Decide what is sent to a team. Messages begun and not known to be accepted come first, under their old keys."""
    begun: dict[str, list[Item]] = {}
    fresh = []
    for item in items:
        entry = ledger.get(item.key)
        if entry is None or entry.delivered_at is None:
            begun.setdefault(entry.message_key, []).append(item) if entry and entry.message_key else fresh.append(item)
    again = tuple(Message(key, tuple(group)) for key, group in begun.items())
    due = len(fresh) + sum(len(message.items) for message in again)
    if due and team.quiet_hours and team.quiet_hours.hold(as_of):
        return Plan((), due, f"quiet hours {team.quiet_hours}")
    if fresh and team.digest == "daily" and _had_today(team, ledger, as_of):
        return Plan(again, len(fresh), f"today's digest was already sent ({team.zone})")
    return Plan((*again, *_composed(fresh, 1 if team.digest == "each" else MOST_ITEMS)))


def _had_today(team: TeamDelivery, ledger: Mapping[str, Entry], as_of: datetime) -> bool:
    today = as_of.astimezone(team.zone).date()
    return any(
        entry.team_id == team.team_id
        and entry.delivered_as_of is not None
        and entry.delivered_as_of.astimezone(team.zone).date() == today
        for entry in ledger.values()
    )


def _composed(items: Sequence[Item], most: int) -> Iterator[Message]:
    for start in range(0, len(items), most):
        group = tuple(items[start : start + most])
        keys = [item.key for item in group]
        yield Message(
            keys[0] if most == 1 else hashlib.sha256(json.dumps(keys).encode()).hexdigest()[:32],
            group,
        )


def subject(team: TeamDelivery, message: Message) -> str:
    """Return the subject: one line."""
    if len(message.items) == 1:
        return plain(f"{_headline(message.items[0])} — for {team.team_name}")
    return plain(f"{len(message.items)} new items of feedback for {team.team_name}")


def text(team: TeamDelivery, message: Message, version: str) -> str:
    """Return the body: plain text that says why the team gets each item, and its key."""
    lines = [f"Feedback for {plain(team.team_name)}, from the published version {version}."]
    for number, item in enumerate(message.items, 1):
        lines += ["", f"{number}. {_headline(item)}", *(f"   {line}" for line in _details(item)), f"   Key {item.key}"]
    return "\n".join(
        [
            *lines,
            "",
            f"Your scorecard: reports/{version}/{scorecards.TEAMS}/{scorecards.file_name(team.team_id)}",
            f"Message key {message.key}. Ignore another message with this key: it repeats this one.",
        ]
    )


def plain(value: Any) -> str:
    """Return a value as one bounded line without control, formatting or line-breaking characters.

    >>> plain("ACME\\r\\nBcc: all@example.com")
    'ACME Bcc: all@example.com'
    """
    shown = "".join(" " if unicodedata.category(char) in _UNSHOWN else char for char in str(value))
    line = " ".join(shown.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


_UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _headline(item: Item) -> str:
    return f"{_HEADINGS[item.kind]}: {plain(item.facts['account_name'])} (account {plain(item.facts['account_id'])})"


def _details(item: Item) -> Iterator[str]:
    facts = item.facts
    if item.kind == "flagged_notice":
        yield from _details_of_notice(item.item_id, facts)
    else:
        yield from _details_of_answer(item.item_id, item.kind, facts)


def _details_of_notice(notice_id: str, facts: Mapping[str, Any]) -> Iterator[str]:
    yield f"Notice {plain(notice_id)} about invoice {plain(facts['invoice_id'])}, sent {_instant(facts['sent_at'])}"
    yield f"Flagged: {words.faults(facts)} ({plain(facts['tone'])})"
    if facts["recommended_channel"]:
        most = facts["recommended_severity"]
        yield f"Recommended: {words.remedy(facts['recommended_channel'])}, severity {most} at most"
    yield "Why you: your team sent it, or owns how we ask for money"


def _details_of_answer(response_id: str, kind: str, facts: Mapping[str, Any]) -> Iterator[str]:
    yield f"Score {facts['nps_score']} of 10 in survey {plain(facts['survey_id'])} ({plain(facts['level'])})"
    yield f"Response {plain(response_id)}, answered {_instant(facts['answered_at'])}"
    if facts["touchpoint"]:
        stage = f", stage {plain(facts['stage'])}" if facts["stage"] else ""
        yield f"About: {plain(facts['touchpoint_name'] or facts['touchpoint'])}{stage}"
    leads = " and leads the follow-up" if facts["is_lead"] else ""
    yield f"Why you: your team's share of this answer is {facts['share']:.0%}{leads}"
    if kind == "overdue_follow_up":
        yield f"A follow-up was due by {_instant(facts['follow_up_due_at'])}; nobody has opened one"
    elif facts["is_follow_up_due"] and facts["followed_up_at"] is None:
        yield f"Follow up by {_instant(facts['follow_up_due_at'])}"


def _instant(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
