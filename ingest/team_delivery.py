"""How a team wants its feedback: the columns `delivery_url`, `quiet_hours` and `digest` of teams.csv.

Belongs here: reading and judging them, what of an address may be shown. Does not: sending (`answerable.delivery`).
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
# Elsewhere, as in slack://token/token/token, what stands where a host would is a secret.
_SCHEMES_WITH_A_HOST = {"json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos", "http", "https"}


@dataclass(frozen=True)
class QuietHours:
    """From `start` to `end` by the clocks of `zone`, over midnight where the end comes first."""

    start: time
    end: time
    zone: tzinfo

    def hold(self, instant: datetime) -> bool:
        """Return whether it lies within them: the start does, the end does not."""
        now = instant.astimezone(self.zone).time()
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end

    def __str__(self) -> str:
        """Say it as it is written in teams.csv."""
        return f"{self.start:%H:%M}-{self.end:%H:%M} {self.zone}"


@dataclass(frozen=True)
class TeamDelivery:
    """Where and when a team is written to. `url` is a secret: `where` is what may be shown of it."""

    team_id: str
    team_name: str
    url: str
    quiet_hours: QuietHours | None = None
    digest: Digest = "run"

    @property
    def where(self) -> str:
        """The address without what may be secret in it."""
        return shown(self.url)

    @property
    def zone(self) -> tzinfo:
        """Whose days count: those of its quiet hours, else UTC."""
        return self.quiet_hours.zone if self.quiet_hours else UTC

    def __repr__(self) -> str:
        """Leave the secret out: this ends up in error messages."""
        return f"TeamDelivery({self.team_id!r}, {self.where!r})"


def shown(url: str) -> str:
    """Return what may be shown of an address: its scheme, and its host where that is one.

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
    # A sign such as / in a password moves the rest of it, and the @, out of the part before the host.
    if not host or "@" in f"{parts.path}{parts.query}{parts.fragment}":
        return hidden
    return f"{scheme}://{host}"


def judged(path: object, rows: Iterator[tuple[int, Mapping[str, str]]]) -> Iterator[TeamDelivery]:
    """Yield each team of numbered rows of teams.csv. Raises IngestError that names file, row, column and remedy."""
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
        raise IngestError(f"{here}digest: {text!r} is none of {', '.join(known)}; choose one, or leave it empty")
    return cast("Digest", found)


def _quiet_hours(text: str, here: str) -> QuietHours | None:
    if not text.strip():
        return None
    wrong = f"{here}quiet_hours: {text!r} "
    parts = _HOURS.fullmatch(text.strip())
    if not parts:
        raise IngestError(f"{wrong}is no span of hours; {_EXAMPLE}")
    try:
        start, end = (datetime.strptime(parts[name], "%H:%M").time() for name in ("start", "end"))
    except ValueError:
        raise IngestError(f"{wrong}has an hour that no clock shows; {_EXAMPLE}") from None
    if start == end:
        raise IngestError(f"{wrong}begins when it ends; {_EXAMPLE}")
    try:
        return QuietHours(start, end, ZoneInfo(parts["zone"]) if parts["zone"] else UTC)
    except (KeyError, ValueError, OSError):
        raise IngestError(f"{wrong}names no time zone; {_EXAMPLE}") from None
