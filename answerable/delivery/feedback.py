"""The feedback for each team, read from a published version.

Belongs here: the three kinds of feedback, their keys, what counts as new. Does not: what was already sent (`ledger`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from answerable.published import open_published

_ITEMS = """
    with

    history as (

        select min(published_at) as began_at from marts.publication

    ),

    accounts as (

        select account_id, account_name from marts.dim_account

    ),

    answers as (

        select
            deliveries.*,
            responses.account_id,
            responses.survey_id,
            responses.nps_score,
            responses.nps_group,
            touchpoints.touchpoint_name,
            touchpoints.stage,
            -- what the first publication brought is history; what was loaded since is new, however old it is
            deliveries.loaded_at > history.began_at and deliveries.loaded_at >= $loaded_since as is_just_loaded
        from marts.fct_feedback_delivery as deliveries
        cross join history
        inner join marts.fct_survey_response as responses on deliveries.response_id = responses.response_id
        left join marts.dim_touchpoint as touchpoints on deliveries.touchpoint = touchpoints.touchpoint
        where deliveries.team_id in (select unnest($teams)) and deliveries.answered_at <= $as_of

    ),

    detractors as (

        select 'detractor' as kind, response_id as item_id, answered_at >= $since or is_just_loaded as is_new, answers.*
        from answers
        where nps_group = 'detractor' and share > 0

    ),

    overdue as (

        select
            'overdue_follow_up' as kind,
            response_id as item_id,
            follow_up_due_at >= $since or is_just_loaded as is_new,
            answers.*
        from answers
        where is_overdue

    ),

    notices as (

        select 'flagged_notice' as kind, notice_id as item_id, sent_at >= $since as is_new, *
        from marts.fct_billing_notice
        where is_flagged and sent_at <= $as_of and team_id in (select unnest($teams))

    )

    select items.*, coalesce(accounts.account_name, 'unknown') as account_name
    from (from detractors union all by name from overdue union all by name from notices) as items
    left join accounts on items.account_id = accounts.account_id
    where items.is_new or items.item_id in (select unnest($awaited))
    order by coalesce(items.answered_at, items.sent_at), items.kind, items.item_id, items.team_id
"""
_VERSION = "select max(version) from marts.publication"


@dataclass(frozen=True)
class Item:
    """One item for a team: its kind, what it is about, and the facts by column. `is_new`: see `read`."""

    kind: str
    item_id: str
    team_id: str
    is_new: bool
    facts: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The key under which it is sent once: the same in every run."""
        return hashlib.sha256(json.dumps([self.kind, self.item_id, self.team_id]).encode()).hexdigest()[:32]

    @property
    def response_id(self) -> str | None:
        """The response it is about; None for a notice."""
        return None if self.kind == "flagged_notice" else self.item_id


@dataclass(frozen=True)
class Feedback:
    """The name of a published version and its items, oldest first."""

    version: str
    items: tuple[Item, ...]


def read(
    database: Path, teams: Collection[str], as_of: datetime, days: float, awaited: Collection[str] = ()
) -> Feedback:
    """Return the items new for these teams, and those of the awaited ids that still exist. Raises duckdb.Error.

    An item is new if it was answered, sent or became overdue in the last `days` before `as_of`, or if it was loaded
    in the last `days` of real time, unless the very first publication brought it.
    """
    span = timedelta(days=days)
    values = {
        "teams": sorted(teams),
        "as_of": as_of,
        "since": as_of - span,
        "loaded_since": datetime.now(UTC) - span,
        "awaited": sorted(awaited),
    }
    with open_published(database) as connection:
        cursor = connection.execute(_ITEMS, values)
        names = [column[0] for column in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        version = connection.execute(_VERSION).fetchall()[0][0]
    items = (Item(row["kind"], row["item_id"], row["team_id"], bool(row["is_new"]), row) for row in rows)
    return Feedback(version, tuple(items))
