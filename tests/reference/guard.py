"""May a notice go out? Every past one, asked again at the instant at which it was sent.

Belongs here: the reasons of the guard in their order, who decides, the verdict. Does not: severity, payment record and
flags (billing).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from .journeys import fct_journey, instances
from .records import Record, World, day_of

SPOKEN = ("phone", "call", "meeting", "in_person")
HEAVIEST = ("hold", "unknown", "soften")


@dataclass(frozen=True)
class Bill:
    """An invoice as it stands today, with the account it is of and how days are told there."""

    record: Record
    account: str
    key: str
    currency: str
    versions: list[Record]
    payments: list[tuple[datetime, date, Fraction, Fraction]]  # instant, local day, paid, credited
    known_on: date  # local day of the earliest version

    def version(self, at: datetime) -> Record:
        """What was known of it at an instant; before anything was, what was said first."""
        return next((v for v in reversed(self.versions) if v["updated_at"] <= at), self.versions[0])

    def owed(self, at: datetime, on_day: date) -> Fraction:
        """What was still to be paid: payments up to the instant, credits from their day on."""
        version = self.version(at)
        if version["voided_on"] and version["voided_on"] <= on_day:
            return Fraction(0)
        settled = sum((paid for paid_at, _, paid, _ in self.payments if paid_at <= at), Fraction(0))
        settled += sum((credited for _, day, _, credited in self.payments if day <= on_day), Fraction(0))
        rest = Fraction(version["amount"]) - settled
        return max(rest, Fraction(0)) if version["amount"] >= 0 else min(rest, Fraction(0))


def verdict(world: World, notice: Record, row: Record, sent_on: date, bills: dict[str, Bill]) -> Record:
    """Verdict, reasons and who decides of a notice whose severity, record and flags `row` has."""
    at, severity, sender = notice["sent_at"], row["severity"], row["team_id"]
    bill = bills.get(notice["invoice_id"])
    version: Record = bill.version(at) if bill else {}
    going_on = _going_on(world, world.account_key(notice["account_id"]), at)
    disputed = bool(version.get("is_disputed"))
    rule = _rule(world, row, disputed, bool(going_on["escalation"]))
    renewal = _renewal(world, row["account_id"], day_of(at))
    dispute_owner = world.accountable_team(world.variables.dispute_touchpoints[0], row["account_id"], day_of(at))
    promised_on = version.get("promised_on")
    asks_for_neither = not rule.get("is_disputed") and not rule.get("has_open_conflict")
    softer = rule and severity > rule["max_severity"]
    talks = rule.get("channel") in ("call", "meeting") and notice["channel"] not in SPOKEN
    said: list[tuple[bool, str, str, int, str | None]] = [
        (bool(bill) and not _is_owed(bill, bills, at, sent_on), "nothing_owed", "hold", 1, sender),
        (row["is_demand_before_due"], "demand_before_due", "hold", 2, sender),
        (promised_on is not None and promised_on >= sent_on, "promised", "hold", 1, sender),
        (disputed, "disputed", "hold", 1, dispute_owner),
        (bool(going_on["escalation"]), "open_escalation", "hold", 1, going_on["escalation"]),
        (bool(bill) and _is_twice(bill, bills, at, sent_on), "billed_twice", "hold", 1, sender),
        (rule.get("channel") == "hold" and asks_for_neither, "rule_hold", "hold", 1, sender),
        (bill is None, "invoice_unknown", "unknown", 0, sender),
        (bill is not None and bill.account == "unknown", "account_unknown", "unknown", 0, sender),
        (row["is_tone_mismatch"], "tone_mismatch", "soften", 3, sender),
        (bool(softer), "harder_than_guidance", "soften", 1, sender),
        (talks, "talk_first", "soften", 2, sender),
        (renewal is not None, "renewal_window", "soften", 2, renewal),
        (bool(going_on["dispute"]), "open_dispute", "soften", 2, going_on["dispute"]),
        (bool(going_on["outage"]), "open_outage", "note", 0, None),
        (row["known_invoices"] == 0, "no_payment_record", "note", 0, None),
        (row["tenure_years"] is None, "no_tenure", "note", 0, None),
        (not rule, "no_rule", "note", 0, None),
    ]
    reasons = [
        reason
        for applies, *reason, least, team in said
        for reason in [(*reason, team)]
        if applies and severity >= least
    ]
    heaviest = next((kind for kind in HEAVIEST if any(reason[1] == kind for reason in reasons)), None)
    decides = next((team for _, kind, team in reasons if kind == heaviest), None)
    return {
        "verdict": heaviest or "go",
        "verdict_reasons": ",".join(code for code, *_ in reasons),
        "decides_team_id": sender if decides == "unattributed" else decides,
    }


def _around(bill: Bill, bills: dict[str, Bill], on_day: date) -> list[Bill]:
    """The invoice and its account's others that were issued and known by a day."""
    return [
        other
        for other in bills.values()
        if other is bill
        or (
            other.key == bill.key
            and (other.record["issued_on"] is None or other.record["issued_on"] <= on_day)
            and other.known_on <= on_day
        )
    ]


def _is_owed(bill: Bill, bills: dict[str, Bill], at: datetime, on_day: date) -> bool:
    net = sum(
        (other.owed(at, on_day) for other in _around(bill, bills, on_day) if other.currency == bill.currency),
        Fraction(0),
    )
    return bill.owed(at, on_day) > 0 and net > 0


def _is_twice(bill: Bill, bills: dict[str, Bill], at: datetime, on_day: date) -> bool:
    number = bill.record["invoice_number"]
    twins = [
        other
        for other in _around(bill, bills, on_day)
        if other is not bill and number is not None and other.record["invoice_number"] == number
    ]
    return bill.owed(at, on_day) > 0 and any(other.owed(at, on_day) > 0 for other in twins)


def _rule(world: World, row: Record, disputed: bool, escalated: bool) -> Record:
    """The first rule of conduct that fits, empty where none does."""

    def holds(value: Any, low: Any, high: Any = None) -> bool:
        if value is None:
            return low is None and high is None
        return (low is None or value >= low) and (high is None or value <= high)

    for rule in sorted(world.programme("billing_conduct"), key=lambda rule: (rule["priority"], rule["rule_id"])):
        if (
            holds(row["days_past_due"], rule["min_days_past_due"], rule["max_days_past_due"])
            and holds(row["on_time_rate"], rule["min_on_time_rate"])
            and holds(row["tenure_years"], rule["min_tenure_years"])
            and rule["is_disputed"] in (None, disputed)
            and rule["has_open_conflict"] in (None, escalated)
        ):
            return rule
    return {}


def _going_on(world: World, key: str, at: datetime) -> dict[str, str | None]:
    """Team of the oldest conflict of each kind that was open at an instant."""
    names = world.variables
    found: dict[str, list[tuple[datetime, str]]] = {"escalation": [], "dispute": [], "outage": []}
    ends = {instance: journey["ended_at"] for instance, journey in fct_journey(world).items()}
    for instance, interactions in instances(world).items():
        seen = set()
        for interaction in interactions:
            if interaction["touchpoint"] in names.escalation_touchpoints:
                kind = "escalation"
            elif interaction["touchpoint"] in names.dispute_touchpoints:
                kind = "dispute"
            elif interaction["journey"] in names.outage_journeys:
                kind = "outage"
            else:
                continue
            if kind in seen or interaction["account_key"] != key:
                continue
            seen.add(kind)
            if interaction["occurred_at"] <= at and (ends[instance] is None or at < ends[instance]):
                found[kind].append((interaction["occurred_at"], interaction["owner"]))
    return {kind: min(open_ones)[1] if open_ones else None for kind, open_ones in found.items()}


def _renewal(world: World, account: str, day: date) -> str | None:
    """Who owns the renewal of an account in the window before it, counted in days of UTC."""
    renewal_on = (world.accounts.get(account) or {}).get("renewal_on")
    if renewal_on is None:
        return None
    opens_on = renewal_on - timedelta(days=world.variables.renewal_window_days)
    if not opens_on <= day <= renewal_on:
        return None
    return world.accountable_team(world.variables.renewal_touchpoint, account, opens_on)
