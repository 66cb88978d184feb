"""Invoices, notices and the payment record as it was known when each went out, one notice after the other.

Belongs here: methods 5 up to the two flags, severity by kind. Does not: wording, verdicts (guard).
"""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from .guard import Bill, verdict
from .records import Record, World, day_of, in_time

SEVERITY = {"statement": 0, "reminder": 1, "dunning": 2, "suspension_warning": 4, "dispute_reply": 0}


def _local_day(world: World, account: str, instant: datetime) -> date:
    zone = (world.accounts.get(account) or {}).get("time_zone") or "UTC"
    return instant.astimezone(ZoneInfo(zone)).date()


def _invoices(world: World) -> list[Record]:
    """Invoices of the clock's day and before, by the day of their accounts."""
    return [
        invoice
        for invoice in world.invoices
        if not invoice["issued_on"]
        or invoice["issued_on"] <= _local_day(world, world.account(invoice["account_id"]), world.as_of)
    ]


def _due_on(invoice: Record) -> date:
    """The day of issue where an invoice falls due before it."""
    due_on, issued_on = invoice["due_on"], invoice["issued_on"]
    return max(due_on, issued_on) if issued_on else due_on  # type: ignore[no-any-return]


def _events(world: World, invoice: Record, before: datetime | None) -> list[Record]:
    """What came in by the clock, or before an instant, in order: of one instant the shorter id first."""
    found = [
        payment
        for payment in world.payments
        if payment["invoice_id"] == invoice["invoice_id"]
        and payment["paid_at"] <= world.as_of
        and (before is None or payment["paid_at"] < before)
    ]
    return sorted(found, key=lambda payment: in_time(payment, "paid_at", "payment_id"))


def _paid(payment: Record) -> Fraction:
    """What a payment adds to what is paid."""
    kind, amount = payment["kind"] or "payment", Fraction(payment["amount"])
    return {"payment": amount, "refund": -abs(amount)}.get(kind, Fraction(0))


def _credited(payment: Record) -> Fraction:
    """What a payment takes off the amount."""
    return abs(Fraction(payment["amount"])) if payment["kind"] in ("credit_note", "write_off") else Fraction(0)


def _settlement(world: World, invoice: Record, before: datetime | None = None) -> tuple[bool, datetime | None]:
    """Whether an invoice was settled, and by which last payment; none where credits alone did it."""
    events = _events(world, invoice, before)
    settled_by = 0  # events from which on it stayed settled
    for count in range(len(events), 0, -1):
        if invoice["amount"] <= 0 or sum(_paid(e) + _credited(e) for e in events[:count]) < invoice["amount"]:
            break
        settled_by = count
    settling = events[:settled_by]
    payments = [e["paid_at"] for e in settling if _paid(e) > 0]
    is_paid = sum((_paid(e) for e in settling), Fraction(0)) > 0
    return bool(settled_by), payments[-1] if is_paid else None


def fct_invoice(world: World) -> dict[tuple[str], Record]:
    """Invoices by (invoice_id,)."""
    rows: dict[tuple[str], Record] = {}
    for invoice in _invoices(world):
        account = world.account(invoice["account_id"])
        is_settled, paid_at = _settlement(world, invoice)
        paid_on = None if paid_at is None else _local_day(world, account, paid_at)
        due_on = _due_on(invoice)
        today = _local_day(world, account, world.as_of)
        is_voided = bool(invoice["voided_on"] and invoice["voided_on"] <= today)
        asks = invoice["amount"] > 0 and not is_voided
        is_open = asks and not is_settled
        events = _events(world, invoice, None)
        rest = invoice["amount"] - sum((_paid(e) + _credited(e) for e in events), Fraction(0))
        owed = max(rest, Fraction(0)) if invoice["amount"] >= 0 else min(rest, Fraction(0))
        rows[(invoice["invoice_id"],)] = {
            "account_id": account,
            "due_on": due_on,
            "paid_on": paid_on,
            "days_late": max(0, ((paid_on or today) - due_on).days) if asks and (is_open or paid_on) else None,
            "is_open": is_open,
            "is_disputed": bool(invoice["is_disputed"]),
            "currency": _currency(world, invoice),
            "collection": invoice["collection"] or "on_terms",
            "credited_amount": sum(map(_credited, events), Fraction(0)),
            "open_amount": Fraction(0) if is_voided else owed,
        }
    return rows


def fct_billing_notice(world: World) -> dict[tuple[str], Record]:
    """Notices by (notice_id,)."""
    bills = {invoice["invoice_id"]: _bill(world, invoice) for invoice in _invoices(world)}
    return {(notice["notice_id"],): _notice(world, notice, bills) for notice in world.notices}


def _bill(world: World, invoice: Record) -> Bill:
    account = world.account(invoice["account_id"])
    versions = [v for v in world.invoice_versions[(invoice["invoice_id"],)] if not v["is_deleted"]]
    return Bill(
        record=invoice,
        account=account,
        key=world.account_key(invoice["account_id"]),
        currency=_currency(world, invoice),
        versions=versions,
        payments=[
            (p["paid_at"], _local_day(world, account, p["paid_at"]), _paid(p), _credited(p))
            for p in _events(world, invoice, None)
        ],
        known_on=_local_day(world, account, versions[0]["updated_at"]),
    )


def _currency(world: World, invoice: Record) -> str:
    account = world.accounts.get(world.account(invoice["account_id"])) or {}
    return invoice["currency"] or account.get("currency") or "unknown"


def _notice(world: World, notice: Record, bills: dict[str, Bill]) -> Record:
    account, sent_at = world.account(notice["account_id"]), notice["sent_at"]
    sent_on = _local_day(world, account, sent_at)
    bill = bills.get(notice["invoice_id"])
    late = None if bill is None else (sent_on - _due_on(bill.record)).days
    since = (world.accounts.get(account) or {}).get("customer_since")
    tenure = None if since is None else Fraction((sent_on - since).days * 100, 36525)
    severity = SEVERITY.get(notice["notice_kind"], 0)
    record = _record(world, notice, sent_on)
    is_demand = late is not None and late <= 0 and severity >= 2
    is_tone = (
        severity >= 3
        and record["known_invoices"] >= 2
        and record["on_time_rate"] >= Fraction(95, 100)
        and tenure is not None
        and tenure >= 3
    )
    team = notice["sent_by_team"] or world.accountable_team(
        world.variables.billing_touchpoint, account, day_of(sent_at)
    )
    row = {
        "account_id": account,
        "sent_at": sent_at,
        "days_past_due": late,
        "is_before_due": late is not None and late <= 0,
        "severity": severity,
        "tenure_years": tenure,
        **record,
        "is_demand_before_due": is_demand,
        "is_tone_mismatch": is_tone,
        "is_flagged": is_demand or is_tone,
        "team_id": team,
    }
    return {**row, **verdict(world, notice, row, sent_on, bills)}


def _record(world: World, notice: Record, sent_on: date) -> dict[str, Any]:
    key = world.account_key(notice["account_id"])
    days: list[tuple[bool, int]] = []
    for invoice in _invoices(world):
        if world.account_key(invoice["account_id"]) != key or invoice["invoice_id"] == notice["invoice_id"]:
            continue
        if invoice["amount"] <= 0 or invoice["collection"] == "automatic":
            continue
        if invoice["voided_on"] and invoice["voided_on"] <= sent_on:
            continue
        due_on = _due_on(invoice)
        is_settled, paid_at = _settlement(world, invoice, before=notice["sent_at"])
        if paid_at is not None:
            late = (_local_day(world, world.account(invoice["account_id"]), paid_at) - due_on).days
            days.append((late <= 0, max(0, late)))
        elif not is_settled and due_on < sent_on:
            days.append((False, (sent_on - due_on).days))
    known = len(days)
    return {
        "known_invoices": known,
        "on_time_rate": Fraction(sum(on_time for on_time, _ in days), known) if known else None,
        "mean_days_late": Fraction(sum(late for _, late in days), known) if known else None,
    }
