"""How a team wants its feedback: the columns `delivery_url`, `quiet_hours` and `digest` of teams.csv.

Belongs here: reading and checking them, and the part of an address that may be shown. Does not: sending
(`answerable.delivery`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from typing import Literal, cast, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ingest import IngestError

Digest = Literal["each", "run", "daily"]
OPTIONAL = ("quiet_hours", "digest")

_HOURS = re.compile(r"(?P<start>[^\s-]+)-(?P<end>[^\s-]+)(?:\s+(?P<zone>\S+))?")
_EXAMPLE = "write it like 20:00-07:00 Europe/Berlin, or leave it empty"
# In other schemes, such as slack://token/token/token, a secret takes the place of the host.
_SCHEMES_WITH_A_HOST = {"json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos", "http", "https"}


@dataclass(frozen=True)
class QuietHours:
    """From `start` to `end` by the clock of `zone`; past midnight if the end comes first."""

    start: time
    end: time
    zone: tzinfo

    def hold(self, instant: datetime) -> bool:
        """Return whether an instant lies within the hours, the start included and the end not."""
        now = instant.astimezone(self.zone).time()
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end

    def __str__(self) -> str:
        """Return it as written in teams.csv."""
        return f"{self.start:%H:%M}-{self.end:%H:%M} {self.zone}"


@dataclass(frozen=True)
class TeamDelivery:
    """Where and when a team gets messages. `url` is a secret; `where` is the part of it that may be shown."""

    team_id: str
    team_name: str
    url: str
    quiet_hours: QuietHours | None = None
    digest: Digest = "run"

    @property
    def where(self) -> str:
        """The address without its secrets."""
        return shown(self.url)

    @property
    def zone(self) -> tzinfo:
        """The time zone of its days: that of its quiet hours, else UTC."""
        return self.quiet_hours.zone if self.quiet_hours else UTC

    def __repr__(self) -> str:
        """Leave the secret out, because this can end up in error messages."""
        return f"TeamDelivery({self.team_id!r}, {self.where!r})"


def shown(url: str) -> str:
    """Return the part of an address that may be shown: its scheme, and its host if it has one.

    >>> shown("mailtos://me:secret@example.com"), shown("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ")
    ('mailtos://example.com', 'slack://…')
    """
    scheme, separator, rest = url.strip().partition(":")
    if not separator:
        return "…"
    hidden = f"{scheme}://…"
    if scheme.lower() not in _SCHEMES_WITH_A_HOST or not rest.startswith("//"):
        return hidden if scheme.isalnum() else "…"
    try:
        parts = urlsplit(url.strip())
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        return hidden
    # A character such as / in a password moves the rest of the password, and the @, out of the part before the host.
    if not host or "@" in f"{parts.path}{parts.query}{parts.fragment}":
        return hidden
    return f"{scheme}://{host}"


def checked(path: object, rows: Iterator[tuple[int, Mapping[str, str]]]) -> Iterator[TeamDelivery]:
    """Yield each team from numbered rows of teams.csv. Raises IngestError with file, row, column and remedy."""
    for number, row in rows:
        here = f"{path} row {number}, column "
        yield TeamDelivery(
            row["team_id"],
            row["team_name"],
            row["delivery_url"].strip(),
            _quiet_hours(row.get("quiet_hours", ""), here),
            _digest(row.get("digest", ""), here),
        )


def _digest(text: str, here: str) -> Digest:
    found, known = text.strip() or "run", get_args(Digest)
    if found not in known:
        raise IngestError(f"{here}digest: {text!r} is not one of {', '.join(known)}; choose one, or leave it empty")
    return cast("Digest", found)


def _quiet_hours(text: str, here: str) -> QuietHours | None:
    if not text.strip():
        return None
    wrong = f"{here}quiet_hours: {text!r} "
    parts = _HOURS.fullmatch(text.strip())
    if not parts:
        raise IngestError(f"{wrong}is not a span of hours; {_EXAMPLE}")
    try:
        start, end = (datetime.strptime(parts[name], "%H:%M").time() for name in ("start", "end"))
    except ValueError:
        raise IngestError(f"{wrong}has an hour that does not exist; {_EXAMPLE}") from None
    if start == end:
        raise IngestError(f"{wrong}starts and ends at the same time; {_EXAMPLE}")
    try:
        return QuietHours(start, end, ZoneInfo(parts["zone"]) if parts["zone"] else UTC)
    except (KeyError, ValueError, OSError):
        raise IngestError(f"{wrong}has an unknown time zone; {_EXAMPLE}") from None
