"""The trend of a score, drawn as a picture; the table beside it says the same.

Belongs here: one SVG for wide and one for narrow screens.
Does not: figures or words of its own.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from answerable import words
from answerable.dashboard.data import Row

_INK, _SOFT, _LINE, _RANGE, _DOT = "#1b2733", "#51606e", "#dde2e6", "#cfe0d9", "#17694f"


def picture(rows: Sequence[Row], grain: str) -> Markup:
    """Return the scores of periods, oldest first, as a picture with gaps where a score is withheld."""
    said = "; ".join(f"{_name(row, grain)} {_score(row)}" for row in rows)
    return Markup('<div class="trend">{}</div>').format(
        Markup("").join(
            Markup('<img class="{}" alt="Score by period: {}" src="data:image/svg+xml;base64,{}">').format(
                css, said, b64encode(_svg(rows, grain, width, height).encode()).decode()
            )
            for css, width, height in (("broad", 880, 260), ("narrow", 360, 240))
        )
    )


def _svg(rows: Sequence[Row], grain: str, width: int, height: int) -> str:
    shown = [row for row in rows if row["score"] is not None]
    low = min([-10.0, *(row["ci_low"] for row in shown)])
    high = max([10.0, *(row["ci_high"] for row in shown)])
    left, right, top, bottom = 40, 24, 22, 28

    def x(place: int) -> float:
        return left + (width - left - right) * (place + 0.5) / len(rows)

    def y(value: float) -> float:
        return float(top + (height - top - bottom) * (high - value) / (high - low))

    every = max(1, round(len(rows) * 62 / (width - left - right)))
    parts: list[str] = []
    for mark in range(-100, 101, 25 if high - low > 60 else 10):
        if low <= mark <= high:
            parts.append(_line(left, y(mark), width - right, y(mark), _SOFT if mark == 0 else _LINE))
            parts.append(_text(left - 8, y(mark) + 4, words.points(mark).removesuffix(".0"), "end", _SOFT))
    previous: tuple[float, float] | None = None
    dots: list[str] = []
    for place, row in enumerate(rows):
        if (len(rows) - 1 - place) % every == 0:
            parts.append(_text(x(place), height - 8, _name(row, grain), "middle", _SOFT))
        if row["score"] is None:
            previous = None
            continue
        at = (x(place), y(row["score"]))
        span = y(row["ci_low"]) - y(row["ci_high"])
        parts.append(
            f'<rect x="{at[0] - 5:.1f}" y="{y(row["ci_high"]):.1f}" width="10" height="{span:.1f}" rx="5" '
            f'fill="{_RANGE}"/>'
        )
        if previous:
            dots.append(_line(*previous, *at, _DOT, 2))
        dots.append(f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="4.5" fill="{_DOT}"/>')
        if place == len(rows) - 1:
            dots.append(_text(at[0] + 9, at[1] - 8, words.points(row["score"]), "middle", _INK, "600"))
        previous = at
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="system-ui, Segoe UI, Roboto, DejaVu Sans, sans-serif" font-size="12">'
        f"{''.join(parts + dots)}</svg>"
    )


def _name(row: Row, grain: str) -> str:
    """Return a short name of the period, because the axis has little room."""
    if grain == "trailing_year":
        return f"to {row['period_end'] - timedelta(days=1):%m/%y}"
    return words.period(grain, row["period_start"], row["period_end"])


def _score(row: Row) -> str:
    return words.points(row["score"]) if row["score"] is not None else words.withheld(row["suppressed_reason"])


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, said: str, anchor: str, colour: str, weight: Any = "400") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">{said}</text>'
