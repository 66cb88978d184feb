"""Text and figures as HTML, all of it escaped: the name of an account stays text.

Belongs here: cells, tables, bars and scales (`style.css` says how they look); `data-value` holds exact values.
Does not: what is shown (`views`). Nothing here goes through Markdown, and no script runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st
from markupsafe import Markup

from answerable import words
from answerable.dashboard.data import Row


def show(*parts: str) -> None:
    """Put parts on the page; what is not Markup is escaped."""
    st.html(Markup('<div class="cx">{}</div>').format(Markup("").join(parts)))


def text(value: object, tag: str = "p", css: str = "") -> Markup:
    """Return a text as an element."""
    return Markup('<{0} class="{1}">{2}</{0}>').format(Markup(tag), css, value)


def heading(title: str, level: int = 2) -> Markup:
    """Return a heading."""
    return text(title, f"h{level}")


def link(address: str, label: str, unseen: str = "") -> Markup:
    """Return a link; `unseen` adds, for screen readers, what the label leaves out."""
    return Markup('<a href="{}">{}<span class="unseen"> {}</span></a>').format(address, label, unseen)


def named(value: object) -> Markup:
    """Return the first cell of a row, its heading."""
    return Markup('<th scope="row">{}</th>').format(value)


def cell(value: object, css: str = "", columns: int = 1) -> Markup:
    """Return a cell of text."""
    return Markup('<td class="{}" colspan="{}">{}</td>').format(css, columns, value)


def number(
    name: str,
    value: Any,
    say: Callable[[Any], object] = words.points,
    reason: str | None = None,
    css: str = "",
    columns: int = 1,
) -> Markup:
    """Return a cell with a figure: its exact value for programs, its words for people.

    Without a value the cell says why, across this many columns.
    """
    if value is None:
        return Markup('<td class="withheld {}" data-figure="{}" colspan="{}">{}</td>').format(
            css, name, columns, words.withheld(reason)
        )
    return Markup('<td class="number {}" data-figure="{}" data-value="{}">{}</td>').format(css, name, value, say(value))


def figure(name: str, value: Any, label: str, say: Callable[[Any], object] = str, reason: str | None = None) -> Markup:
    """Return a large figure with its label."""
    if value is None:
        inside = Markup('<dd class="withheld" data-figure="{}">{}</dd>').format(name, words.withheld(reason))
    else:
        inside = Markup('<dd data-figure="{}" data-value="{}">{}</dd>').format(name, value, say(value))
    return Markup("<div><dt>{}</dt>{}</div>").format(label, inside)


def figures(*parts: Markup) -> Markup:
    """Return large figures side by side."""
    return Markup('<dl class="figures">{}</dl>').format(Markup("").join(parts))


def table(
    caption: str,
    head: Sequence[tuple[str, str]],
    rows: Iterable[tuple[str, Sequence[Markup]]],
    foot: Sequence[Markup] = (),
    name: str = "",
) -> Markup:
    """Return a table that scrolls by keyboard; `head` gives titles with a class, rows have a key for programs."""
    titles = Markup("").join(Markup('<th scope="col" class="{}">{}</th>').format(css, title) for title, css in head)
    body = Markup("").join(
        Markup('<tr data-row="{}">{}</tr>').format(key, Markup("").join(cells)) for key, cells in rows
    )
    last = Markup("<tfoot><tr>{}</tr></tfoot>").format(Markup("").join(foot)) if foot else Markup("")
    return Markup(
        '<div class="table" tabindex="0" role="group" aria-label="{0}"><table data-table="{1}"><caption>{0}</caption>'
        "<thead><tr>{2}</tr></thead><tbody>{3}</tbody>{4}</table></div>"
    ).format(caption, name, titles, body, last)


def bar(start: float, end: float, low: float, high: float, kind: str = "") -> Markup:
    """Return a cell with a bar between two values on a scale from `low` to `high`; other cells hold the figures."""
    kind = kind or ("plus" if end >= start else "minus")
    left, right = sorted((_place(start, low, high), _place(end, low, high)))
    return Markup(
        '<td class="bar"><span class="track" aria-hidden="true"><i class="zero" style="left:{:.1f}%"></i>'
        '<i class="{}" style="left:{:.1f}%;width:{:.1f}%"></i></span></td>'
    ).format(_place(0, low, high), kind, left, max(right - left, 0.6))


def span(row: Row, value: str, low: float, high: float) -> Markup:
    """Return a cell with an interval and the value inside it on a scale; empty where the value is withheld."""
    return Markup('<td class="bar">{}</td>').format(_span(row, value, low, high) if row[value] is not None else "")


def scale(row: Row) -> Markup:
    """Return a score and its interval on the full scale."""
    return Markup(
        '<div class="scale" role="img" aria-label="Scale from −100 to 100: {}, 95 % interval {}">{}'
        '<span class="ends" aria-hidden="true"><span>−100</span><span>0</span><span>100</span></span></div>'
    ).format(words.points(row["score"]), words.interval(row), _span(row, "score", -100, 100))


def tone(value: float) -> str:
    """Return the class of a figure that is good or bad."""
    return "up" if value >= 0 else "down"


def more(rows: Sequence[Row], noun: str) -> Markup:
    """Return how many rows are not listed; `listed_of` in each row is the number of all."""
    unlisted = rows[0]["listed_of"] - len(rows) if rows else 0
    return text(f"{words.counted(unlisted, f'more {noun}')} not listed.", css="soft") if unlisted else Markup("")


def hours(value: float) -> str:
    """Return a duration in hours or days."""
    return f"{value:.0f} h" if value < 48 else f"{value / 24:.1f} days"


def _span(row: Row, value: str, low: float, high: float) -> Markup:
    left, right = (_place(row[end], low, high) for end in ("ci_low", "ci_high"))
    return Markup(
        '<span class="track" aria-hidden="true"><i class="zero" style="left:{:.1f}%"></i>'
        '<i class="range" style="left:{:.1f}%;width:{:.1f}%"></i><i class="dot" style="left:{:.1f}%"></i></span>'
    ).format(_place(0, low, high), left, right - left, _place(row[value], low, high))


def _place(value: float, low: float, high: float) -> float:
    return max(0.0, min(100.0, 100 * (value - low) / ((high - low) or 1)))
