"""How we work in the eyes of clients, and what of it goes with recommendation.

Belongs here: measures by importance and score. Does not: promising that a better measure brings a better score.
"""

from __future__ import annotations

from markupsafe import Markup

from answerable import words
from answerable.dashboard import data
from answerable.dashboard.choice import Choice
from answerable.dashboard.markup import bar, cell, named, number, span, table, text
from answerable.dashboard.markup import show as put
from answerable.dashboard.views import title

_REASONS = {"few_responses": "too few answers to say", None: "not known for a segment"}


def show(published: data.Published, choice: Choice) -> None:
    """Show the page."""
    rows = published.rows(data.MEASURES, choice)
    put(title("Measures", choice, by_weighting=False))
    if not rows:
        put(text("Nobody was asked about a measure in this period. Choose another period or segment.", css="note"))
        return
    head = [
        ("Measure", ""),
        ("Importance", "number"),
        ("Part of what they explain", "bar"),
        ("Score, 0 to 100", "number"),
        ("Score and interval", "bar"),
        ("Answers", "number"),
    ]
    put(
        text("A measure with a high importance and a low score is the first to work on."),
        table(
            "Measures, the most important first, then those scored lowest",
            head,
            [(row["measure"], _line(row)) for row in rows],
            name="measures",
        ),
        *_untold(rows),
        text(
            "Importance is the part of the differences between recommendations that goes with a measure, after what "
            "measures share has been divided between them. It is association, not cause: two measures whose intervals "
            "overlap are not ranked.",
            css="soft",
        ),
    )


def _line(row: data.Row) -> list[Markup]:
    importance = row["importance"]
    return [
        named(row["measure_name"]),
        cell(_REASONS.get(row["importance_reason"], words.plain(row["importance_reason"])), "withheld")
        if importance is None
        else number("importance", importance, words.percent),
        bar(0, row["importance_share"], 0, 1) if row["importance_share"] is not None else cell("", "bar"),
        number("mean", row["mean"], reason=row["suppressed_reason"]),
        span(row, "mean", 0, 100),
        number("response_count", row["response_count"], "{:,}".format),
    ]


def _untold(rows: list[data.Row]) -> list[Markup]:
    if any(row["importance"] is not None for row in rows):
        return []
    return [
        text(
            "Importance needs 15 answers per measure that answer all of them. A longer period (trailing years) and all "
            "segments together have the most.",
            css="note",
        )
    ]
