"""How old what the guard answers from is: the version, and each input it needs.

Belongs here: the two ages, their limits, when they run out. Does not: what follows from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb

from answerable.settings import Settings

BILLING, CRM = ("billing.invoices", "billing.payments"), ("crm.accounts", "crm.interactions")
CRM_MAX_AGE_HOURS = 168.0

_PUBLICATION = "select as_of, input_watermarks from marts.publication where version = ?"


@dataclass(frozen=True)
class Age:
    """What a version knows up to when: `as_of`, and when each needed input was last taken in, none if it never was."""

    as_of: datetime
    taken_in_at: Mapping[str, datetime | None]
    now: datetime
    limit_hours: float

    @property
    def hours(self) -> float:
        """Hours since the version's clock."""
        return max((self.now - self.as_of).total_seconds(), 0) / 3600

    @property
    def stalest_input(self) -> str:
        """The needed input that runs out first."""
        return min(self.taken_in_at, key=self.left)

    def left(self, name: str) -> timedelta:
        """Return how long an input is fresh for, below 0 where it is not."""
        taken_in_at = self.taken_in_at[name]
        limit = self.limit_hours if name in BILLING else CRM_MAX_AGE_HOURS
        return timedelta.min if taken_in_at is None else taken_in_at + timedelta(hours=limit) - self.now

    @property
    def fresh_for(self) -> timedelta:
        """How long nothing is stale for, below 0 where something is."""
        return min(self.left(self.stalest_input), self.as_of + timedelta(hours=self.limit_hours) - self.now)

    @property
    def is_stale(self) -> bool:
        """Whether the version or a needed input is over its limit, or an input never landed."""
        return self.fresh_for < timedelta(0)

    @property
    def stale_at(self) -> datetime | None:
        """When something becomes stale, none where it is."""
        return None if self.is_stale else self.now + self.fresh_for


def read(marts: duckdb.DuckDBPyConnection, version: str, settings: Settings) -> Age:
    """Return the age of an open version by the settings' clock."""
    as_of, watermarks = marts.execute(_PUBLICATION, [version]).fetchall()[0]
    marks = json.loads(watermarks)
    taken = {name: _instant((marks.get(name) or {}).get("taken_in_at")) for name in (*BILLING, *CRM)}
    return Age(as_of, taken, settings.as_of, settings.guard_max_age_hours)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
