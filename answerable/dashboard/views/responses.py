"""The responses behind a number, with their weights: their points add up to it.

Belongs here: the end of every drill-down. Does not: people; a response shows its account, never a person's name.
"""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from answerable import words
from answerable.dashboard import data
from answerable.dashboard.choice import Choice
from answerable.dashboard.markup import cell, named, number, table, text
from answerable.dashboard.markup import show as put
from answerable.dashboard.views import title

_HEAD = [
    ("Account", ""),
    ("Response", "wide"),
    ("Answered", "wide"),
    ("Channel", "wide"),
    ("Answer (0–10)", "number"),
    ("Weight", "number"),
    ("Share", "number"),
    ("Points", "number"),
]


def show(published: data.Published, choice: Choice) -> None:
    """Show the page."""
    put(title("Responses behind a number", choice, by_segment=False))
    numbers = _numbers(published, choice)
    picked = _pick(list(numbers), choice)
    split, group = picked
    name, value, reason = numbers.get(picked) or _account(published, choice, group)
    if value is None:
        nothing = "no answer in this period."
        why = f"{words.withheld(reason)}. The responses behind a withheld figure are not shown." if reason else nothing
        put(text(f"{name}: {why}", css="note withheld"))
        return
    sql = data.TEAM_LINEAGE if split == "team" else data.LINEAGE
    put(*_listing(name, value, published.rows(sql, choice, split=split, group_id=group)))


def _numbers(published: data.Published, choice: Choice) -> dict[tuple[str, str], tuple[str, float | None, str | None]]:
    """Return the numbers that can be opened: name, points, or why the points are withheld."""
    found: dict[tuple[str, str], tuple[str, float | None, str | None]] = {}
    total = published.first(data.SCORE, choice, split="total", group_id="total")
    if total:
        found["total", "total"] = ("Headline", total["contribution"], total["suppressed_reason"])
    for row in published.rows(data.GROUPS, choice, split="segment"):
        key = ("segment", row["group_id"])
        found[key] = (f"Segment {words.plain(row['group_id'])}", row["contribution"], row["suppressed_reason"])
    for row in published.rows(data.TEAMS, choice):
        found["team", row["team_id"]] = (f"Team {row['team_name']}", row["contribution"], row["suppressed_reason"])
    return found


def _account(published: data.Published, choice: Choice, account_id: str) -> tuple[str, float | None, str | None]:
    row = published.first(data.SCORE, choice, split="account", group_id=account_id)
    known = published.first(
        "select account_name from marts.dim_account where account_id = $group_id", group_id=account_id
    )
    name = f"Account {known['account_name'] if known else account_id}"
    return (name, row["contribution"], row["suppressed_reason"]) if row else (name, None, None)


def _pick(known: list[tuple[str, str]], choice: Choice) -> tuple[str, str]:
    """Show which number is open: the one in the address, else the score of the chosen clients."""
    address = st.query_params
    wanted = (address.get("split", choice.split), address.get("group", choice.group_id))
    options = known if wanted in known or wanted[0] != "account" else [*known, wanted]
    if not options:
        options = [("total", "total")]
    state = st.session_state
    if state.get("number") not in options:
        state["number"] = wanted if wanted in options else options[0]
    picked: tuple[str, str] = st.selectbox("Number", options, format_func=_label, key="number")
    if picked != wanted:
        address["split"], address["group"] = picked
    return picked


def _label(option: tuple[str, str]) -> str:
    split, group = option
    return "Headline" if split == "total" else f"{split.capitalize()}: {words.plain(group)}"


def _listing(name: str, value: float, rows: list[data.Row]) -> list[Markup]:
    total = rows[0]["sum_of_points"] if rows else 0.0
    listed = sum(row["points"] for row in rows)
    unlisted = rows[0]["listed_of"] - len(rows) if rows else 0
    lines = [
        (
            row["response_id"],
            [
                named(row["account_name"]),
                cell(row["response_id"], "wide"),
                cell(words.day(row["answered_on"]), "nowrap wide"),
                cell(words.plain(row["channel"]), "wide"),
                number("nps_score", row["nps_score"], str),
                number("weight", row["weight"], _fine),
                number("share", row["share"], words.percent),
                number("points", row["points"], lambda points: f"{points:+.2f}".replace("-", "−")),
            ],
        )
        for row in rows
    ]
    if unlisted:
        lines.append(
            (
                "rest",
                [
                    named(f"{words.counted(unlisted, 'other response')}, in total"),
                    *_empty(),
                    number("rest", total - listed, lambda points: f"{points:+.2f}".replace("-", "−")),
                ],
            )
        )
    count = words.counted(rows[0]["listed_of"], "response") if rows else "no response"
    return [
        Markup(
            '<p class="note"><strong>{}</strong>: <span data-figure="number" data-value="{}">{}</span> points from {}, '
            "which hold {} of the weight.</p>"
        ).format(name, value, words.points(value), count, words.percent(rows[0]["sum_of_weights"] if rows else 0)),
        text("Points are weight × share × (+100 for 9–10, 0 for 7–8, −100 for 0–6). They add up to the number."),
        table(
            "Responses, largest effect on the number first",
            _HEAD,
            lines,
            [named("Total"), *_empty(), number("sum", total, lambda points: f"{points:.2f}".replace("-", "−"))],
            name="responses",
        ),
    ]


def _fine(weight: float) -> str:
    return f"{100 * weight:.2f} %"


def _empty() -> list[Markup]:
    return [*(cell("", "wide") for _ in range(3)), *(cell("") for _ in range(3))]
