"""Who was asked, who answered, and which share of role weight and value answered.

Belongs here: response rates and coverage. Does not: judge a score by them.
"""

from __future__ import annotations

from markupsafe import Markup

from answerable import words
from answerable.dashboard import data
from answerable.dashboard.choice import Choice
from answerable.dashboard.markup import cell, figure, figures, heading, named, number, table, text
from answerable.dashboard.markup import show as put
from answerable.dashboard.views import title

_OUTCOMES = {
    "completed_count": "completed",
    "partial_count": "partly completed",
    "refused_count": "refused",
    "unanswered_count": "did not answer",
    "bounced_count": "bounced",
    "unreachable_count": "unreachable",
    "ineligible_count": "not eligible",
}


def show(published: data.Published, choice: Choice) -> None:
    """Show the page."""
    row = published.first(data.REACH, choice)
    put(title("Response and coverage", choice, by_weighting=False))
    if row is None:
        put(text("Nobody was asked in this period. Choose another period or segment.", css="note"))
        return
    put(
        figures(
            figure("invited", row["invited"], "invitations sent", "{:,}".format),
            figure("rr3", row["rr3"], "response rate (AAPOR RR3)", words.percent),
            figure(
                "role_coverage",
                row["role_coverage"],
                "of role weight answered (role coverage)",
                words.percent,
            ),
            figure(
                "value_coverage",
                row["value_coverage"],
                "of annual value answered (value coverage)",
                words.percent,
            ),
        ),
        text(
            "Coverage matters more than the rate: a high rate among the wrong roles is worth less than a low one among "
            "the right roles."
        ),
        heading("Invitations by outcome"),
        table(
            "What became of each invitation",
            [("Outcome", ""), ("Invitations", "number"), ("Share", "number")],
            [
                (
                    name,
                    [
                        named(label.capitalize()),
                        number(name, row[name], "{:,}".format),
                        cell(words.percent(row[name] / row["invited"]) if row["invited"] else "–", "number"),
                    ],
                )
                for name, label in _OUTCOMES.items()
            ],
            name="outcomes",
        ),
        text(
            f"{words.counted(row['fatigue_breach_count'], 'invitation')} sent within the minimum gap between surveys, "
            f"{row['late_count']:,} long after the event they ask about.",
            css="soft",
        ),
    )
    if choice.segment:
        put(text("Channels and roles are available only for all clients together.", css="note"))
    put(*_channels(published, choice), *_roles(published, choice))


def _channels(published: data.Published, choice: Choice) -> list[Markup]:
    head = [
        ("Channel", ""),
        ("Invited", "number"),
        ("Response rate", "number"),
        ("Score", "number"),
        ("Score at the same mix of roles", "number"),
    ]
    lines = [
        (
            row["group_id"],
            [
                named(words.plain(row["group_id"])),
                number("invited", row["invited"], "{:,}".format),
                number("rr3", row["rr3"], words.percent),
                number("raw_score", row["raw_score"], reason=row["suppressed_reason"]),
                number("standardised_score", row["standardised_score"], reason=row["suppressed_reason"]),
            ],
        )
        for row in published.rows(data.REACH_SPLIT, choice, split="channel")
    ]
    caption = "Compare channels at the same mix of roles, because channels reach different roles"
    return [heading("Channels"), table(caption, head, lines, name="channels")] if lines else []


def _roles(published: data.Published, choice: Choice) -> list[Markup]:
    head = [("Role", ""), ("Invited", "number"), ("Response rate", "number"), ("Value coverage", "number")]
    lines = [
        (
            row["group_id"],
            [
                named(words.plain(row["group_name"])),
                number("invited", row["invited"], "{:,}".format),
                number("rr3", row["rr3"], words.percent),
                number("value_coverage", row["value_coverage"], words.percent),
            ],
        )
        for row in published.rows(data.REACH_SPLIT, choice, split="role")
    ]
    return (
        [heading("Roles"), table("Who was asked and who answered, by role", head, lines, name="roles")] if lines else []
    )
