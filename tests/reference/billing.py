"""Invoices, notices and the payment record as it was known when each went out, one notice after the other.

Belongs here: methods 5 up to the two flags, severity by kind. Does not: wording, guidance.
"""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from .records import Record, World, day_of, in_time

SEVERITY = {"statement": 0, "reminder": 1, "dunning": 2, "suspension_warning": 4, "dispute_reply": 0}
TOUCHPOINT = "payment_reminder"


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


def _paid_at(world: World, invoice: Record) -> datetime | None:
    """Since when the payments known at the clock make up the amount; None where they don't."""
    paid_at, total = None, Fraction(0)
    for payment in _payments(world, invoice):
        total += payment["amount"]
        paid_at = None if total < invoice["amount"] else paid_at or payment["paid_at"]
    return paid_at if invoice["amount"] > 0 else None


def _due_on(invoice: Record) -> date:
    """The day of issue where an invoice falls due before it."""
    due_on, issued_on = invoice["due_on"], invoice["issued_on"]
    return max(due_on, issued_on) if issued_on else due_on  # type: ignore[no-any-return]


def _open_amount(invoice: Record, paid: Fraction, is_voided: bool) -> Fraction:
    """What is owed; below 0 what a credit has left."""
    rest: Fraction = invoice["amount"] - paid
    if is_voided:
        return Fraction(0)
    return max(rest, Fraction(0)) if invoice["amount"] > 0 else min(rest, Fraction(0))


def _payments(world: World, invoice: Record) -> list[Record]:
    found = [
        payment
        for payment in world.payments
        if payment["invoice_id"] == invoice["invoice_id"] and payment["paid_at"] <= world.as_of
    ]
    return sorted(found, key=lambda payment: in_time(payment, "paid_at", "payment_id"))


def fct_invoice(world: World) -> dict[tuple[str], Record]:
    """Invoices by (invoice_id,)."""
    rows: dict[tuple[str], Record] = {}
    for invoice in _invoices(world):
        account = world.account(invoice["account_id"])
        paid_at = _paid_at(world, invoice)
        paid_on = None if paid_at is None else _local_day(world, account, paid_at)
        today = _local_day(world, account, world.as_of)
        is_voided = bool(invoice["voided_on"] and invoice["voided_on"] <= today)
        asks = invoice["amount"] > 0 and not is_voided
        paid = sum((payment["amount"] for payment in _payments(world, invoice)), Fraction(0))
        rows[(invoice["invoice_id"],)] = {
            "account_id": account,
            "due_on": _due_on(invoice),
            "paid_on": paid_on,
            "days_late": max(0, ((paid_on or today) - _due_on(invoice)).days) if asks else None,
            "is_open": asks and paid_at is None,
            "is_disputed": bool(invoice["is_disputed"]),
            "currency": invoice["currency"] or (world.accounts.get(account) or {}).get("currency") or "unknown",
            "open_amount": _open_amount(invoice, paid, is_voided),
        }
    return rows


def fct_billing_notice(world: World) -> dict[tuple[str], Record]:
    """Notices by (notice_id,)."""
    invoices = {invoice["invoice_id"]: invoice for invoice in _invoices(world)}
    return {(notice["notice_id"],): _notice(world, notice, invoices) for notice in world.notices}


def _notice(world: World, notice: Record, invoices: dict[str, Record]) -> Record:
    account, sent_at = world.account(notice["account_id"]), notice["sent_at"]
    sent_on = _local_day(world, account, sent_at)
    invoice = invoices.get(notice["invoice_id"])
    late = None if invoice is None else (sent_on - _due_on(invoice)).days
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
    team = notice["sent_by_team"] or world.accountable_team(TOUCHPOINT, account, day_of(sent_at))
    return {
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


def _record(world: World, notice: Record, sent_on: date) -> dict[str, Any]:
    key = world.account_key(notice["account_id"])
    days: list[tuple[bool, int]] = []
    for invoice in _invoices(world):
        if world.account_key(invoice["account_id"]) != key or invoice["invoice_id"] == notice["invoice_id"]:
            continue
        if invoice["amount"] <= 0 or (invoice["voided_on"] and invoice["voided_on"] <= sent_on):
            continue
        paid_at = _paid_at(world, invoice)
        if paid_at is not None and paid_at < notice["sent_at"]:
            late = (_local_day(world, world.account(invoice["account_id"]), paid_at) - _due_on(invoice)).days
            days.append((late <= 0, max(0, late)))
        elif _due_on(invoice) < sent_on:
            days.append((False, (sent_on - _due_on(invoice)).days))
    known = len(days)
    return {
        "known_invoices": known,
        "on_time_rate": Fraction(sum(on_time for on_time, _ in days), known) if known else None,
        "mean_days_late": Fraction(sum(late for _, late in days), known) if known else None,
    }
