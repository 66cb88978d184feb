"""The contribution of each team to the headline; together they make up the headline.

Belongs here: contributions of the teams that own touchpoints. Does not: rank teams.
"""

from __future__ import annotations

from markupsafe import Markup

from answerable import words
from answerable.dashboard import data
from answerable.dashboard.choice import Choice
from answerable.dashboard.markup import bar, cell, link, named, number, table, text
from answerable.dashboard.markup import show as put
from answerable.dashboard.views import title

_HEAD = [
    ("Team", ""),
    ("Contribution (points)", "number"),
    ("Lowers | raises the score", "bar"),
    ("Weight share", "number wide"),
    ("Team score", "number"),
    ("95 % interval", "number wide"),
    ("Answers", "number"),
]


def show(published: data.Published, choice: Choice) -> None:
    """Show the page."""
    headline = published.first(data.SCORE, choice, split="total", group_id="total")
    rows = published.rows(data.TEAMS, choice)
    put(title("Teams", choice, by_segment=False))
    if headline is None or headline["score"] is None or not rows:
        put(text("There is no headline to divide among teams in this period. Choose another one.", css="note"))
        return
    shown = [row for row in rows if row["contribution"] is not None]
    hidden = len(rows) - len(shown)
    rest = headline["score"] - sum(row["contribution"] for row in shown)
    widest = max([abs(rest), *(abs(row["contribution"]) for row in shown)])
    lines = [(row["team_id"], _line(row, widest, choice)) for row in rows]
    if hidden > 1:
        lines.append(
            (
                "rest",
                [
                    named(f"The {hidden} teams not shown, in total"),
                    number("rest", rest, words.signed),
                    bar(0, rest, -widest, widest),
                    *_empty(),
                ],
            )
        )
    parts = [words.signed(row["contribution"]) for row in shown] + [words.signed(rest)] * (hidden > 1)
    put(
        text("Each answer is divided among the teams that own the touchpoints the respondent dealt with."),
        Markup(
            '<p class="note">{} = <strong data-figure="headline" data-value="{}">{}</strong>, the headline</p>'
        ).format(" ".join(parts).lstrip("+"), headline["score"], words.points(headline["score"])),
        table(
            "Contribution to the headline by team; a contribution opens its responses",
            _HEAD,
            lines,
            [
                named("Total: the headline"),
                number("sum", sum(row["contribution"] for row in shown) + (rest if hidden else 0)),
                cell("", "bar"),
                *_empty(),
            ],
            name="teams",
        ),
        text(
            "Not for ranking: teams own different touchpoints and serve different clients. Contributions show where "
            "the score comes from, not who is to blame.",
            css="soft",
        ),
    )


def _line(row: data.Row, widest: float, choice: Choice) -> list[Markup]:
    def opened(value: float) -> Markup:
        address = choice.link("team", row["team_id"])
        return link(address, words.signed(value), f"points of {row['team_name']}: see responses")

    head, weight = named(row["team_name"]), number("weight_share", row["weight_share"], words.percent, css="wide")
    count = number("response_count", row["response_count"], "{:,}".format)
    if row["contribution"] is None:
        why = number("contribution", None, reason=row["suppressed_reason"], columns=2)
        return [head, why, weight, cell(""), cell("", "wide"), count]
    return [
        head,
        number("contribution", row["contribution"], opened),
        bar(0, row["contribution"], -widest, widest),
        weight,
        number("team_score", row["team_score"]),
        cell(words.interval(row), "number wide"),
        count,
    ]


def _empty() -> list[Markup]:
    return [cell("", "wide"), cell(""), cell("", "wide"), cell("")]
