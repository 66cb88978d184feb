"""How we write to clients about invoices.

Belongs here: notices, which of them are flagged and how to repair those. Does not: who owes what.
"""

from __future__ import annotations

from markupsafe import Markup

from answerable import words
from answerable.dashboard import data
from answerable.dashboard.choice import Choice
from answerable.dashboard.markup import (
    cell,
    figure,
    figures,
    heading,
    more,
    named,
    number,
    table,
    text,
)
from answerable.dashboard.markup import (
    show as put,
)
from answerable.dashboard.views import title


def show(published: data.Published, choice: Choice) -> None:
    """Show the page."""
    teams = published.rows(data.CONDUCT, choice)
    total = next((row for row in teams if row["team_id"] is None), None)
    put(title("Billing conduct", choice, by_weighting=False))
    if total is None or not total["sent_count"]:
        put(text("No notice about an invoice was sent in this period. Choose another period or segment.", css="note"))
        return
    put(
        figures(
            figure("sent_count", total["sent_count"], "notices sent", "{:,}".format),
            figure("flagged_count", total["flagged_count"], "flagged", "{:,}".format),
            figure("early_count", total["early_count"], "demands before the due day", "{:,}".format),
            figure("harsh_count", total["harsh_count"], "too hard for a client in good standing", "{:,}".format),
        ),
        *_flagged(published, choice),
        heading("By sender"),
        table(
            "Notices by the team that sent them",
            [
                ("Team", ""),
                ("Sent", "number"),
                ("Flagged", "number"),
                ("Too early", "number"),
                ("Too hard", "number"),
            ],
            [
                (
                    row["team_id"],
                    [
                        named(row["team_name"]),
                        *(
                            number(name, row[name], "{:,}".format)
                            for name in ("sent_count", "flagged_count", "early_count", "harsh_count")
                        ),
                    ],
                )
                for row in teams
                if row["team_id"] is not None
            ],
            name="senders",
        ),
    )


def _flagged(published: data.Published, choice: Choice) -> list[Markup]:
    rows = published.rows(data.FLAGGED, choice)
    if not rows:
        return [text("No notice in this period is flagged.", css="note")]
    head = [("Account", ""), ("Notice", "wide"), ("Sent", ""), ("Why it is flagged", ""), ("What to do", "")]
    lines = [
        (
            row["notice_id"],
            [
                named(row["account_name"]),
                cell(row["notice_id"], "wide"),
                cell(words.day(row["sent_on"]), "nowrap"),
                cell(words.faults(row)),
                cell(": ".join(filter(None, [words.remedy(row["recommended_channel"]), row["recommended_reason"]]))),
            ],
        )
        for row in rows
    ]
    return [heading("Flagged notices"), table("Latest first", head, lines, name="flagged"), more(rows, "notice")]
