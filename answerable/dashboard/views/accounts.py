"""Accounts with signs of risk, the largest amounts first.

Belongs here: what is known about each account now. Does not: periods; the list is as of the publication.
"""

from __future__ import annotations

from functools import partial

from markupsafe import Markup

from answerable import words
from answerable.dashboard import data
from answerable.dashboard.choice import Choice
from answerable.dashboard.markup import (
    cell,
    figure,
    figures,
    heading,
    link,
    more,
    named,
    number,
    table,
    text,
)
from answerable.dashboard.markup import (
    show as put,
)

_HEAD = [
    ("Account", ""),
    ("Signs", ""),
    ("Score, trailing year", "number"),
    ("Renewal", "wide"),
    ("Annual value", "number wide"),
    ("At risk", "number"),
]


def show(published: data.Published, choice: Choice) -> None:
    """Show the page."""
    rows = published.rows(data.AT_RISK, choice)
    whose = f"segment {words.plain(choice.segment)}" if choice.segment else "all clients"
    put(heading("Accounts at risk", 1), text(f"As of this version, not of the chosen period · {whose}", css="soft"))
    if not rows:
        put(text("No account among these clients shows signs of risk.", css="note"))
        return
    sums = published.rows(data.AT_RISK_SUMS, choice)
    put(
        figures(
            *(
                figure(
                    f"value_at_risk_{row['currency']}",
                    row["value_at_risk"],
                    f"at risk in {words.counted(row['account_count'], 'account')}",
                    partial(words.money, currency=row["currency"]),
                )
                for row in sums
            )
        ),
        text(
            "Value at risk is the annual value times the share of past renewals with the same signs that were lost. "
            "Signs are not certainties."
        ),
        table(
            "Accounts with signs of risk; a name opens the account's responses in the chosen period",
            _HEAD,
            [(row["account_id"], _line(row, choice)) for row in rows],
            name="accounts",
        ),
        more(rows, "account"),
    )


def _line(row: data.Row, choice: Choice) -> list[Markup]:
    return [
        named(link(choice.link("account", row["account_id"]), row["account_name"], "see responses")),
        cell(words.plain(row["risk_signals"])),
        number("score", row["score"], reason="low_role_coverage" if row["role_coverage"] is not None else None),
        cell(words.day(row["renewal_on"]) if row["renewal_on"] else "–", "nowrap wide"),
        cell(
            words.money(row["annual_value"], row["currency"]) if row["annual_value"] is not None else "–", "number wide"
        ),
        cell(words.plain(row["value_at_risk_reason"]) or "not known", "withheld")
        if row["value_at_risk"] is None
        else number("value_at_risk", row["value_at_risk"], partial(words.money, currency=row["reporting_currency"])),
    ]
