"""From the previous period's score to this one: the part of each team, role and segment in the change.

Belongs here: the bridge and the tests. Does not: the scores themselves (`overview`, `teams`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from markupsafe import Markup

from answerable import words
from answerable.dashboard import data
from answerable.dashboard.choice import Choice
from answerable.dashboard.markup import bar, cell, heading, link, named, number, table, text
from answerable.dashboard.markup import show as put
from answerable.dashboard.views import title

_HEAD = [
    ("Change", "number"),
    ("From previous to current", "bar"),
    ("Performance effect", "number"),
    ("Mix effect", "number"),
    ("Entered or left", "number wide"),
    ("Change of its own score", ""),
]


def show(published: data.Published, choice: Choice) -> None:
    """Show the page."""
    rows = published.rows(data.CHANGES, choice)
    total = next((row for row in rows if row["split"] == "total"), None)
    put(
        title("What changed", choice, by_segment=False),
        Markup('<p data-figure="verdict">{}</p>').format(words.change(total, choice.before)),
    )
    if total is None or total["change"] is None:
        put(text("A change needs both scores. Choose a later period.", css="note"))
        return
    if not total["is_detectable"]:
        put(text("Chance alone can explain a change of this size: read its parts with care.", css="note"))
    for split, name in (("team", "Team"), ("segment", "Segment"), ("role", "Role")):
        parts = [row for row in rows if row["split"] == split]
        if parts:
            put(heading(f"By {name.lower()}"), _bridge(name, split, parts, total, choice))


def _bridge(name: str, split: str, parts: Sequence[data.Row], total: data.Row, choice: Choice) -> Markup:
    before, now = total["previous_score"], total["previous_score"] + total["change"]
    shown = [row for row in parts if row["change"] is not None]
    hidden = [row for row in parts if row["change"] is None]
    rest = total["change"] - sum(row["change"] for row in shown)
    steps = list(accumulate([*(row["change"] for row in shown), rest if hidden else 0], initial=before))
    low, high = min(0, now, *steps), max(0, now, *steps)
    lines = [("before", _end(choice.before.capitalize(), "previous_score", before, low, high))]
    for place, row in enumerate(shown):
        label = row["group_name"] if split != "segment" else words.plain(row["group_id"])
        where = link(choice.link(split, row["group_id"]), label, "see responses") if split != "role" else label
        lines.append(
            (
                row["group_id"],
                [
                    named(where),
                    number("change", row["change"], words.signed),
                    bar(steps[place], steps[place + 1], low, high),
                    number("performance", row["performance"], words.signed),
                    number("mix", row["mix"], words.signed),
                    number("entry_exit", row["entry"] + row["exit"], _if_any, css="wide"),
                    cell(_test(row), "test"),
                ],
            )
        )
    if len(hidden) > 1:
        lines.append(
            (
                "rest",
                [
                    named(f"The {len(hidden)} not shown, in total"),
                    number("rest", rest, words.signed),
                    bar(steps[-2], steps[-1], low, high),
                    cell(
                        "too few answers in one of the two periods, or one dominates",
                        "withheld",
                        4,
                    ),
                ],
            )
        )
    return table(
        f"From {words.points(before)} to {words.points(now)}: the points of all {name.lower()}s add up to the change",
        [(name, ""), *_HEAD],
        lines,
        _end(f"{choice.period}: the headline", "score", now, low, high),
        name=f"bridge-{split}",
    )


def _end(label: str, name: str, value: float, low: float, high: float) -> list[Markup]:
    return [
        named(label),
        number(name, value),
        bar(0, value, low, high, "total"),
        *(cell("") for _ in range(2)),
        cell("", "wide"),
        cell(""),
    ]


def _if_any(points: float) -> str:
    return words.signed(points) if points else "–"


def _test(row: data.Row) -> str:
    if row["verdict"] is None:
        return "not comparable"
    chance = f", p = {row['p_value']:.3f}" if row["p_value"] is not None else ""
    return f"{words.verdict(row)}{chance}"
