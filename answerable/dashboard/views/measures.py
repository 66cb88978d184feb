"""How clients rate the way we work, and which of these ratings go with recommendation.

Belongs here: measures by importance and score. Does not: promise that a better measure brings a better score.
"""

from __future__ import annotations

from markupsafe import Markup

from answerable import words
from answerable.dashboard import data
from answerable.dashboard.choice import Choice
from answerable.dashboard.markup import bar, cell, named, number, span, table, text
from answerable.dashboard.markup import show as put
from answerable.dashboard.views import title

_REASONS = {"few_responses": "too few answers", None: "not computed for a segment"}


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
        ("Share of explained variance", "bar"),
        ("Score, 0 to 100", "number"),
        ("Score and interval", "bar"),
        ("Answers", "number"),
    ]
    put(
        text("Work first on a measure with a high importance and a low score."),
        table(
            "Measures by importance, then from the lowest score",
            head,
            [(row["measure"], _line(row)) for row in rows],
            name="measures",
        ),
        *_without_importance(rows),
        text(
            "Importance is the share of the variance of recommendation scores that a measure explains; what measures "
            "explain together is divided between them. It shows association, not cause. Measures whose intervals "
            "overlap have no order.",
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


def _without_importance(rows: list[data.Row]) -> list[Markup]:
    if any(row["importance"] is not None for row in rows):
        return []
    return [
        text(
            "Importance needs, for each measure, 15 responses that answer all measures. Trailing years and all "
            "segments together have the most.",
            css="note",
        )
    ]
