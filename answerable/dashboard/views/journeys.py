"""Where clients wait: duration, handoffs and returns by stage.

Belongs here: stages of journeys, and which team hands over to which. Does not: scores that add up to the headline.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from markupsafe import Markup

from answerable import words
from answerable.dashboard import data
from answerable.dashboard.choice import Choice
from answerable.dashboard.markup import cell, heading, hours, named, number, table, text
from answerable.dashboard.markup import show as put
from answerable.dashboard.views import title

_HEAD = [
    ("Stage", ""),
    ("Visits", "number"),
    ("Median", "number"),
    ("90th percentile", "number"),
    ("Over target", "number"),
    ("Re-entered", "number wide"),
    ("Handoffs", "number"),
    ("Handed back", "number"),
    ("NPS of those who passed", "number wide"),
]


def show(published: data.Published, choice: Choice) -> None:
    """Show the page."""
    stages = published.rows(data.STAGES, choice)
    put(
        title("Journeys", choice, by_weighting=False),
        text(
            "Visits are those that began in the period. Open ones have no duration yet, so the latest period looks "
            "faster than it is. Handoffs are those of the period, counted in the stage that received them."
        ),
    )
    if not stages:
        put(text("No client went through a journey in this period. Choose another period or segment.", css="note"))
    for journey, rows in groupby(stages, key=lambda row: row["journey"]):
        put(
            heading(words.plain(journey).capitalize()),
            table(
                f"Stages of {words.plain(journey)}, in order",
                _HEAD,
                [(f"{journey}/{row['stage']}", _line(row)) for row in rows],
                name=f"journey-{journey}",
            ),
        )
    put(*_handoffs(published, choice))


def _line(row: data.Row) -> list[Markup]:
    return [
        named(words.plain(row["stage"]).capitalize()),
        number("visits", row["visits"], "{:,}".format),
        _known("median_hours", row, hours, "still open"),
        _known("p90_hours", row, hours, "still open"),
        _known("over_target_share", row, words.percent, "no target"),
        _known("reentry_share", row, words.percent, "–", "wide"),
        number("handoff_count", row["handoff_count"], "{:,}".format),
        number("return_count", row["return_count"], "{:,}".format),
        number("nps", row["nps"], reason=row["nps_suppressed_reason"], css="wide"),
    ]


def _known(name: str, row: data.Row, say: Callable[[float], str], lacking: str, css: str = "") -> Markup:
    if row[name] is None:
        return cell(lacking, f"withheld number {css}")
    return number(name, row[name], say, css=css)


def _handoffs(published: data.Published, choice: Choice) -> list[Markup]:
    rows = published.rows(data.HANDOFFS, choice)
    if not rows:
        return []
    head = [("From", ""), ("To", ""), ("Handoffs", "number"), ("Handed back", "number"), ("Median wait", "number")]
    lines = [
        (
            f"{row['from_name']}/{row['to_name']}",
            [
                named(row["from_name"]),
                cell(row["to_name"]),
                number("handoff_count", row["handoff_count"], "{:,}".format),
                number("return_count", row["return_count"], "{:,}".format),
                number("wait_hours", row["wait_hours"], hours),
            ],
        )
        for row in rows
    ]
    return [
        heading("Handoffs between teams"),
        table("The ten most frequent in the period", head, lines, name="handoffs"),
    ]
