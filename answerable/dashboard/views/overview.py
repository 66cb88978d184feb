"""The headline, what it means, its trend, and which clients it comes from.

Belongs here: the first page. Does not: teams (`teams`), what moved the score (`changes`).
"""

from __future__ import annotations

from functools import partial

from markupsafe import Markup

from answerable import words
from answerable.dashboard import data, trend
from answerable.dashboard.choice import Choice
from answerable.dashboard.markup import (
    cell,
    figure,
    figures,
    heading,
    link,
    named,
    number,
    scale,
    span,
    table,
    text,
    tone,
)
from answerable.dashboard.markup import (
    show as put,
)
from answerable.dashboard.views import title


def show(published: data.Published, choice: Choice) -> None:
    """Show the page."""
    row = published.first(data.SCORE, choice)
    periods = list(reversed(published.rows(data.TREND, choice)))
    plain = published.first(data.PLAIN, choice) if row and row["suppressed_reason"] == "no_weight" else None
    put(title("Net promoter score", choice), *_headline(row, periods, choice), *_plain(plain))
    put(*_trend(periods, choice))
    put(*_segments(published, choice))


def _headline(row: data.Row | None, periods: list[data.Row], choice: Choice) -> list[Markup]:
    if row is None:
        return [
            text("Nobody among these clients answered in this period. Choose another period or segment.", css="note")
        ]
    reach = figures(
        figure("response_count", row["response_count"], "answers", "{:,}".format),
        figure("account_count", row["account_count"], "accounts that answered", "{:,}".format),
        figure("role_coverage", row["role_coverage"], "of role weight answered (role coverage)", words.percent),
        figure(
            "value_coverage",
            row["value_coverage"],
            "of annual value answered (value coverage)",
            words.percent,
        ),
    )
    if row["score"] is None:
        return [
            Markup('<p class="note withheld" data-figure="score">The score: {}.</p>').format(
                words.withheld(row["suppressed_reason"])
            ),
            reach,
        ]
    current = periods[-1] if periods and periods[-1]["period_start"] == choice.start else None
    return [
        Markup(
            '<p class="lead"><span class="big {}" data-figure="score" data-value="{}">{}</span>'
            '<span>95 % interval <span data-figure="interval">{}</span><br>{}</span></p>'
        ).format(
            tone(row["score"]),
            row["score"],
            words.points(row["score"]),
            words.interval(row),
            link(choice.link(choice.split, choice.group_id), "See responses"),
        ),
        scale(row),
        text(words.meaning(row)),
        Markup('<p data-figure="verdict">{}</p>').format(words.change(_change(current), choice.before)),
        figures(
            figure("promoter_share", row["promoter_share"], "promoters", words.percent),
            figure("passive_share", row["passive_share"], "passives", words.percent),
            figure("detractor_share", row["detractor_share"], "detractors", words.percent),
        ),
        reach,
    ]


def _plain(row: data.Row | None) -> list[Markup]:
    if row is None or row["score"] is None:
        return []
    return [
        Markup(
            '<p>The plain score, in which each answer counts the same: <b data-figure="plain_score">{}</b>, '
        ).format(words.points(row["score"]))
        + Markup("95 % interval {}, {}.</p>").format(
            words.interval(row), words.counted(row["response_count"], "answer")
        )
    ]


def _trend(periods: list[data.Row], choice: Choice) -> list[Markup]:
    head = [
        ("Period", ""),
        ("Score", "number"),
        ("95 % interval", "number"),
        ("Change", "number"),
        ("Is the change detectable?", ""),
        ("Answers", "number wide"),
    ]
    rows = [
        (
            str(row["period_start"]),
            [
                named(words.period(choice.grain, row["period_start"], row["period_end"])),
                _score(row, choice),
                cell(words.interval(row) if row["score"] is not None else "", "number"),
                cell(words.signed(row["score_change"]) if row["score_change"] is not None else "–", "number"),
                cell(_test(row), "test"),
                number("response_count", row["response_count"], "{:,}".format, css="wide"),
            ],
        )
        for row in reversed(periods)
    ]
    return [
        heading("Trend"),
        text("Pale bands are 95 % intervals. A change counts only if its test detects it.", css="soft"),
        trend.picture(periods, choice.grain),
        table("Score by period, latest first; a score opens its responses", head, rows, name="trend"),
    ]


def _segments(published: data.Published, choice: Choice) -> list[Markup]:
    groups = published.rows(data.GROUPS, choice, split="segment")
    if not groups:
        return []
    head = [
        ("Segment", ""),
        ("Score", "number"),
        ("−100 to 100", "bar"),
        ("95 % interval", "number wide"),
        ("Contribution (points)", "number"),
        ("Weight share", "number wide"),
        ("Answers", "number"),
    ]
    rows = [
        (
            row["group_id"],
            [
                named(words.plain(row["group_id"])),
                *_range(row),
                number("contribution", row["contribution"], partial(_opened, row, choice), row["suppressed_reason"]),
                number("weight_share", row["weight_share"], words.percent, css="wide"),
                number("response_count", row["response_count"], "{:,}".format),
            ],
        )
        for row in groups
    ]
    return [
        heading("Segments"),
        table("Score of each segment, and the points it contributes to the headline", head, rows, name="segments"),
    ]


def _change(row: data.Row | None) -> data.Row | None:
    if row is None or (
        row["verdict"] is None and row["change_suppressed_reason"] is None and row["score_change"] is None
    ):
        return None
    return {**row, "suppressed_reason": row["change_suppressed_reason"]}


def _range(row: data.Row) -> list[Markup]:
    if row["score"] is None:
        return [number("score", None, reason=row["suppressed_reason"], columns=2), cell("", "wide")]
    return [
        number("score", row["score"]),
        span(row, "score", -100, 100),
        cell(words.interval(row), "number wide"),
    ]


def _opened(row: data.Row, choice: Choice, value: float) -> Markup:
    segment = row["group_id"]
    return link(choice.link("segment", segment), words.signed(value), f"points of {segment}: see responses")


def _score(row: data.Row, choice: Choice) -> Markup:
    address = choice.link(choice.split, choice.group_id, row["period_start"])
    return number(
        "score",
        row["score"],
        lambda value: link(address, words.points(value), "see responses"),
        row["suppressed_reason"],
    )


def _test(row: data.Row) -> str:
    if row["score_change"] is None:
        reason = row["change_suppressed_reason"]
        return words.withheld(reason) if reason else "nothing to compare with"
    chance = f", p = {row['p_value']:.3f}" if row["p_value"] is not None else ""
    return f"{words.verdict(row)}{chance}"
