"""An answer of the guard in plain words, for people: at most twelve lines.

Belongs here: words for codes. Does not: looking up an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_VERDICTS = {"go": "Go", "soften": "Soften", "hold": "Hold", "unknown": "Unknown: ask a person"}
_REASONS = {
    "nothing_owed": "nothing is owed",
    "demand_before_due": "it would demand payment before or on the due day",
    "promised": "the client promised to pay by a day that has not passed",
    "disputed": "the client disputes the invoice",
    "open_escalation": "the account has an open escalation",
    "billed_twice": "the same invoice number is open twice",
    "rule_hold": "a rule of conduct says to wait",
    "nothing_published": "nothing is published yet",
    "invoice_unknown": "there is no such invoice",
    "invoice_ambiguous": "several invoices have this number",
    "account_unknown": "the invoice's account is not known",
    "stale_data": "the data are too old, or do not reach that day",
    "data_in_doubt": "a record of this invoice or of a payment for it was refused",
    "tone_mismatch": "it is too hard for a client who pays well",
    "harder_than_guidance": "it is harder than the rules of conduct allow",
    "talk_first": "somebody should speak with the client first",
    "renewal_window": "the client's renewal is near",
    "open_dispute": "another dispute of the account is open",
    "open_outage": "a support case of the account is not solved",
    "no_payment_record": "no other invoice tells how the client pays",
    "no_tenure": "nobody knows since when it is a client",
    "no_rule": "no rule of conduct fits",
}
_TONES = (
    "a statement",
    "a courtesy reminder",
    "an overdue notice",
    "a firm notice",
    "a final demand",
    "a legal notice",
)
_CHANNELS = {"call": "by phone", "meeting": "in a meeting", "email": "by e-mail", "letter": "by letter"}


def as_text(found: Mapping[str, Any]) -> list[str]:
    """Return the verdict with its first reason, what may go out instead, who decides, and how old the data are."""
    verdict, reasons, guidance = found["verdict"], found["reasons"], found["guidance"]
    decisive = [reason for reason in reasons if reason["verdict"] == verdict]
    because = f": {_REASONS[decisive[0]['code']]}" if decisive else ""
    lines = [f"{_VERDICTS[verdict]}{because}"]
    others = [_REASONS[reason["code"]] for reason in reasons if reason not in decisive[:1]]
    if others:
        lines.append(f"Also      {'; '.join(others)}")
    if verdict != "go" and guidance["channel"] == "hold":
        lines.append("Instead   no demand at all")
    elif verdict != "go" and guidance["severity"] is not None:
        way = _CHANNELS.get(guidance["channel"], guidance["channel"] or "")
        lines.append(f"Instead   at most {_TONES[guidance['severity']]}, {way}")
    if found["decides_team_id"]:
        until = f", until {_instant(found['until_at'])}" if found["until_at"] else ""
        lines.append(f"Decides   {found['decides_team_id']}{until}")
    data = found["data"]
    if data["as_of"]:
        lines.append(f"Data      of {_instant(data['as_of'])}, {data['age_hours']:g} hours old")
    if found["valid_until"]:
        lines.append(f"Holds     until {_instant(found['valid_until'])}")
    lines.append(f"Check     {found['check_id']}")
    return lines


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
