"""The pages of the dashboard, one module each with a function `show(published, choice)`.

Belongs here: which figures a page has, and in which order.
Does not: SQL (`data`), the wording of a figure (`answerable.words`), its looks (`markup`).
"""

from __future__ import annotations

from markupsafe import Markup

from answerable import words
from answerable.dashboard.choice import LEVELS, WEIGHTINGS, Choice
from answerable.dashboard.markup import heading, text


def title(name: str, choice: Choice, *, by_segment: bool = True, by_weighting: bool = True) -> Markup:
    """Return the head of a page: its name and which figures it shows."""
    level = LEVELS.get(choice.level, choice.level)
    whose = f"segment {words.plain(choice.segment)}" if choice.segment and by_segment else "all clients"
    weighting = f" · weighted by {WEIGHTINGS[choice.weighting].lower()}" if by_weighting else ""
    parts = [
        heading(name, 1),
        text(f"{level} survey · {choice.period} · {whose}{weighting}", css="soft"),
    ]
    if choice.segment and not by_segment:
        parts.append(text("These figures exist only for all clients together; the segment is not applied.", css="note"))
    return Markup("").join(parts)
