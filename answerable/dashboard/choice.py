"""Which figures are chosen: survey, period, weighting, segment.

Belongs here: the selectors, their defaults, the address of a choice.
Does not: reading figures (`data`), showing them (`views`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from answerable import words
from answerable.dashboard import data

GRAINS = {"quarter": "Quarters", "month": "Months", "trailing_year": "Trailing years"}
BEFORE = {
    "quarter": "the previous quarter",
    "month": "the previous month",
    "trailing_year": "the year that ended a month earlier",
}
WEIGHTINGS = {"value": "Roles and annual value", "account": "Roles, accounts equally", "none": "Every answer equally"}
LEVELS = {"relationship": "Relationship", "experience": "Experience", "touchpoint": "Touchpoint"}
_EVERY = ""


@dataclass(frozen=True)
class Choice:
    """What is selected; without a segment, all clients."""

    level: str
    grain: str
    start: date
    end: date
    weighting: str
    segment: str | None

    @property
    def split(self) -> str:
        """The split of the marts that holds the chosen clients."""
        return "segment" if self.segment else "total"

    @property
    def group_id(self) -> str:
        """The group of that split."""
        return self.segment or "total"

    @property
    def period(self) -> str:
        """The period in words."""
        return words.period(self.grain, self.start, self.end)

    @property
    def before(self) -> str:
        """The previous period in words."""
        return BEFORE[self.grain]

    def parameters(self) -> Mapping[str, Any]:
        """Return the choice as parameters of a query."""
        return {
            "level": self.level,
            "grain": self.grain,
            "start": self.start,
            "starts_at": f"{self.start} 00:00:00+00",
            "ends_at": f"{self.end} 00:00:00+00",
            "weighting": self.weighting,
            "segment": self.segment,
            "split": self.split,
            "group_id": self.group_id,
        }

    def link(self, split: str, group_id: str, start: date | None = None) -> str:
        """Return the address of the responses behind a number of this choice, or of another period of its grain."""
        return "responses?" + urlencode(
            {
                "level": self.level,
                "grain": self.grain,
                "start": str(start or self.start),
                "weighting": self.weighting,
                **({"segment": self.segment} if self.segment else {}),
                "split": split,
                "group": group_id,
            }
        )


def select(published: data.Published) -> Choice | None:
    """Show the selectors and return the choice, None before any response has a score."""
    default = published.default()
    levels = [row["level"] for row in published.rows(data.LEVELS)]
    if not levels:
        return None
    with st.sidebar:
        level = _pick("level", "Survey", levels, default.level if default else levels[0], LEVELS)
        grain = _pick("grain", "Period length", list(GRAINS), "quarter", GRAINS)
        place = st.container()
        weighting = _pick(
            "weighting", "Weighting", list(WEIGHTINGS), default.weighting if default else "value", WEIGHTINGS
        )
        known = published.rows(data.PERIODS, level=level, grain=grain, weighting=weighting)
        if not known:
            return None
        starts = {str(row["period_start"]): row for row in known}
        usual = next((start for start, row in starts.items() if row["has_score"]), next(iter(starts)))
        if default and (level, grain) == (default.level, "quarter") and str(default.period_start) in starts:
            usual = str(default.period_start)
        names = {start: words.period(grain, row["period_start"], row["period_end"]) for start, row in starts.items()}
        with place:
            start = _pick("start", "Period", list(starts), usual, names)
        segments = [row["group_id"] for row in published.rows(data.SEGMENTS, level=level, grain=grain)]
        names = {_EVERY: "All segments", **{segment: words.plain(segment) for segment in segments}}
        segment = _pick("segment", "Segment", list(names), _EVERY, names)
    row = starts[start]
    return Choice(level, grain, row["period_start"], row["period_end"], weighting, segment or None)


def _pick(name: str, label: str, options: Sequence[str], usual: str, names: Mapping[str, str]) -> str:
    """Show one selector. It starts with the value in the address; one left at its default follows a new default."""
    state = st.session_state
    wanted = state.get(name, st.query_params.get(name, usual))
    if wanted not in options or wanted == state.get(f"usual_{name}"):
        wanted = usual if usual in options else options[0]
    if state.get(name) != wanted:
        state[name] = wanted
    state[f"usual_{name}"] = usual
    picked = st.selectbox(label, options, format_func=lambda option: names.get(option, option), key=name)
    if picked == usual:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != picked:
        st.query_params[name] = picked
    return str(picked)
