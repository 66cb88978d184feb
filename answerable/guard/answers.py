"""A question about a notice, and its answer from the published version.

Belongs here: finding the invoice, its day, the reasons that the run found for it, how old the data are. Does not: any
rule of billing; what a door adds is that nothing is owed, and why it can't be said.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from answerable.guard import age, wording
from answerable.published import current_version, open_published
from answerable.settings import DATABASE, GUARD_DATABASE, Settings

FURTHEST = timedelta(hours=48)
LONGEST_TEXT = 50_000
LONGEST_NAME = 200
KINDS = ("reminder", "dunning", "suspension_warning", "statement", "dispute_reply")

_INVOICES = """
    select invoices.invoice_id, invoices.invoice_number, invoices.account_id, invoices.due_on, invoices.open_amount,
        invoices.currency, coalesce(accounts.time_zone, 'UTC') as time_zone, accounts.account_type, accounts.region
    from marts.fct_invoice as invoices
    left join marts.dim_account as accounts using (account_id)
    where {column} = ?
"""
_ROWS = "select * from marts.rpt_notice_guard where invoice_id = ? and severity = ? and on_day = ?"
_HAS_ROWS = "select count(*) from marts.rpt_notice_guard where invoice_id = ?"
_OWNER = """
    select team_id from owners
    where touchpoint = ? and account_type = ? and region = ? and valid_from <= ? and (valid_to is null or valid_to > ?)
"""
_REASONS = """
    select reason as code, verdict, decides_team_id, until_at, place from reasons
    where invoice_id = ? and severity = ? and on_day = ? order by place
"""


class QuestionError(Exception):
    """A question is wrong; `field` says where, the message what to do."""

    def __init__(self, field: str, message: str) -> None:
        """Say which field is wrong, and what to do."""
        super().__init__(f"{field}: {message}")
        self.field = field


@dataclass(frozen=True)
class Question:
    """What is asked: an invoice, by its id or its number, and the notice that would go out about it."""

    notice_kind: str
    invoice_id: str | None = None
    invoice_number: str | None = None
    channel: str = "email"
    send_at: datetime | None = None
    subject: str | None = None
    body: str | None = None
    notice_id: str | None = None

    def check(self, now: datetime) -> None:
        """Raise QuestionError where it can't be answered as it is asked."""
        if (self.invoice_id is None) == (self.invoice_number is None):
            raise QuestionError("invoice_id", "name exactly one of invoice_id and invoice_number")
        if self.notice_kind not in KINDS:
            raise QuestionError("notice_kind", f"choose one of {', '.join(KINDS)}")
        for field in ("invoice_id", "invoice_number", "channel", "notice_id"):
            value = getattr(self, field)
            if value is not None and not (0 < len(value) <= LONGEST_NAME and value.isprintable()):
                raise QuestionError(field, f"1 to {LONGEST_NAME} printable characters")
        if len(self.subject or "") + len(self.body or "") > LONGEST_TEXT:
            raise QuestionError("body", f"subject and body have more than {LONGEST_TEXT:,} characters together")
        if self.send_at is not None:
            if self.send_at.tzinfo is None:
                raise QuestionError("send_at", "an instant with an offset, such as 2026-01-31T09:00:00Z")
            if not now - timedelta(minutes=1) <= self.send_at <= now + FURTHEST:
                raise QuestionError("send_at", "neither past nor more than 48 hours ahead")


@dataclass(frozen=True)
class Opened:
    """A version that is open for reading."""

    version: str
    marts: duckdb.DuckDBPyConnection
    guard: duckdb.DuckDBPyConnection


class Kept(threading.local):
    """The version that a thread has open, until the next one is published."""

    def __init__(self) -> None:
        """Begin with nothing open."""
        self._opened: Opened | None = None

    def current(self, published: Path) -> Opened | None:
        """Return the version that serves, None before the first. Raises duckdb.Error or OSError if it can't be read."""
        version = current_version(published)
        if self._opened is None or self._opened.version != version:
            self.close()
            if version is not None and (published / version / GUARD_DATABASE).exists():
                marts = open_published(published / version / DATABASE)
                self._opened = Opened(version, marts, open_published(published / version / GUARD_DATABASE))
        return self._opened

    def close(self) -> None:
        """Close what this thread has open."""
        if self._opened is not None:
            self._opened.marts.close()
            self._opened.guard.close()
            self._opened = None


def answer(question: Question, settings: Settings, kept: Kept | None = None) -> dict[str, Any]:
    """Return the answer, with the keys of its JSON; what can't be said is None. What is kept open stays open.

    Raises QuestionError if the question is wrong, duckdb.Error or OSError if the version can't be read.
    """
    question.check(settings.as_of)
    if kept is None:
        with closing(Kept()) as kept:
            return _looked_up(question, settings, kept)
    return _looked_up(question, settings, kept)


def _looked_up(question: Question, settings: Settings, kept: Kept) -> dict[str, Any]:
    opened = kept.current(settings.published)
    if opened is None:
        return _unanswered(question, settings.as_of, current_version(settings.published))
    return _Looking(question, settings, opened.version, opened.marts, opened.guard).answer()


def _unanswered(question: Question, now: datetime, version: str | None) -> dict[str, Any]:
    reason = {"code": "nothing_published", "verdict": "unknown", "decides_team_id": None, "until_at": None}
    return _composed(
        [reason], None, _notice(question, now, None, {}, None), None, _no_facts(question), _no_data(version), "unknown"
    )


class _Looking:
    """One look into one version."""

    def __init__(
        self,
        question: Question,
        settings: Settings,
        version: str,
        marts: duckdb.DuckDBPyConnection,
        guard: duckdb.DuckDBPyConnection,
    ) -> None:
        self.question, self.settings, self.version, self.marts, self.guard = question, settings, version, marts, guard
        self.now = settings.as_of
        self.send_at = question.send_at or self.now
        self.constants = {
            name: json.loads(value) for name, value in guard.execute("select name, value from constants").fetchall()
        }

    def answer(self) -> dict[str, Any]:
        kind = int(self.constants["notice_kinds"].get(self.question.notice_kind, 0))
        words, phrase = wording.severity(self.guard, self.question.subject, self.question.body)
        severity = max(kind, words)
        notice = _notice(self.question, self.send_at, severity, self.constants, phrase if words > kind else None)
        aged = age.read(self.marts, self.version, self.settings)
        data = {
            "version": self.version,
            "as_of": aged.as_of,
            "age_hours": round(aged.hours, 2),
            "limit_hours": aged.limit_hours,
            "is_stale": aged.is_stale,
            "stalest_input": aged.stalest_input,
        }
        invoices = self._invoices()
        if len(invoices) != 1:
            code = "invoice_ambiguous" if invoices else "invoice_unknown"
            reasons = [self._reason(code, self._owner_of(invoices[0] if invoices else {}))]
            return self._answered(reasons, notice, None, _no_facts(self.question), data, None)
        invoice = invoices[0]
        on_day = self.send_at.astimezone(ZoneInfo(invoice["time_zone"])).date()
        row = _first(self.marts, _ROWS, [invoice["invoice_id"], severity, on_day])
        reasons = self._reasons(invoice, severity, on_day, row)
        if data["is_stale"] or (row is None and self._is_open(invoice)):
            reasons.append(self._reason("stale_data", self._owner_of(invoice, aged.stalest_input)))
        ends = datetime.combine(on_day + timedelta(days=1), time(), ZoneInfo(invoice["time_zone"])).astimezone(UTC)
        valid_until = min(ends, aged.stale_at or ends)
        facts = {**_no_facts(self.question), **{name: invoice[name] for name in _INVOICE_FACTS}, **(row or {})}
        facts = {name: facts[name] for name in _no_facts(self.question)}
        facts["open_amount"] = str(invoice["open_amount"])
        guidance = row and {
            "severity": row["recommended_severity"],
            "channel": row["recommended_channel"],
            "rule_id": row["recommended_rule_id"],
            "reason": row["recommended_reason"],
        }
        return self._answered(reasons, notice, guidance, facts, data, valid_until)

    def _answered(
        self,
        reasons: list[dict[str, Any]],
        notice: dict[str, Any],
        guidance: dict[str, Any] | None,
        facts: dict[str, Any],
        data: dict[str, Any],
        valid_until: datetime | None,
    ) -> dict[str, Any]:
        ordered = sorted(reasons, key=lambda reason: (reason["verdict"] == "note", reason["place"]))
        said = [{name: value for name, value in reason.items() if name != "place"} for reason in ordered]
        verdicts = self.constants["guard_verdicts"]
        heaviest = max((verdicts.index(reason["verdict"]) for reason in said), default=0)
        verdict = verdicts[heaviest] if heaviest else "go"
        return _composed(said, valid_until, notice, guidance, facts, data, verdict)

    def _invoices(self) -> list[dict[str, Any]]:
        column = "invoice_id" if self.question.invoice_id is not None else "invoice_number"
        cursor = self.marts.execute(
            _INVOICES.format(column=f"invoices.{column}"), [self.question.invoice_id or self.question.invoice_number]
        )
        return _all(cursor)

    def _is_open(self, invoice: Mapping[str, Any]) -> bool:
        return bool(_one(self.marts, _HAS_ROWS, [invoice["invoice_id"]]))

    def _reasons(
        self, invoice: Mapping[str, Any], severity: int, on_day: date, row: dict[str, Any] | None
    ) -> list[dict[str, Any]]:
        if row is None:
            if severity == 0 or self._is_open(invoice):
                return []
            return [self._reason("nothing_owed", self._owner_of(invoice))]
        found = _all(self.guard.execute(_REASONS, [invoice["invoice_id"], severity, on_day]))
        is_spoken = self.question.channel in self.constants["spoken_channels"]
        return [reason for reason in found if not (is_spoken and reason["code"] == "talk_first")]

    def _reason(self, code: str, team: str) -> dict[str, Any]:
        """One that no row holds, with the verdict and the place that the run's list gives it."""
        reasons = self.constants["guard_reasons"]
        place = list(reasons).index(code) + 1
        return {"code": code, "verdict": reasons[code], "decides_team_id": team, "until_at": None, "place": place}

    def _owner_of(self, invoice: Mapping[str, Any], entity: str | None = None) -> str:
        """The team that sends what nobody else does, or for inputs of the CRM the owner of renewals."""
        touchpoint = self.constants["renewal_touchpoint" if entity in age.CRM else "billing_touchpoint"]
        scope = [invoice.get(name) or "unknown" for name in ("account_type", "region")]
        return _one(self.guard, _OWNER, [touchpoint, *scope, *[self.now.date()] * 2]) or "unattributed"


_INVOICE_FACTS = ("invoice_id", "invoice_number", "account_id", "due_on", "currency")


def _composed(
    reasons: list[dict[str, Any]],
    valid_until: datetime | None,
    notice: dict[str, Any],
    guidance: dict[str, Any] | None,
    facts: dict[str, Any],
    data: dict[str, Any],
    verdict: str,
) -> dict[str, Any]:
    decisive: dict[str, Any] = next((reason for reason in reasons if reason["verdict"] == verdict), {})
    return {
        "check_id": new_id(),
        "verdict": verdict,
        "is_recorded": False,
        "reasons": reasons,
        "decides_team_id": decisive.get("decides_team_id"),
        "until_at": decisive.get("until_at"),
        "valid_until": valid_until,
        "notice": notice,
        "guidance": guidance or dict.fromkeys(("severity", "channel", "rule_id", "reason")),
        "facts": facts,
        "data": data,
    }


def _notice(
    question: Question, send_at: datetime, severity: int | None, constants: Mapping[str, Any], phrase: str | None
) -> dict[str, Any]:
    return {
        "notice_kind": question.notice_kind,
        "channel": question.channel,
        "send_at": send_at,
        "severity": severity,
        "tone": None if severity is None else constants["notice_tones"][severity],
        "is_raised_by_wording": None if severity is None else phrase is not None,
        "wording_phrase": phrase,
    }


def _no_facts(question: Question) -> dict[str, Any]:
    names = (
        *("invoice_id", "invoice_number", "account_id", "due_on", "days_past_due", "open_amount", "currency"),
        *("known_invoices", "on_time_rate", "tenure_years", "is_demand_before_due", "is_tone_mismatch"),
    )
    named = {"invoice_id": question.invoice_id, "invoice_number": question.invoice_number}
    return {**dict.fromkeys(names), **named}


def _no_data(version: str | None) -> dict[str, Any]:
    names = ("version", "as_of", "age_hours", "limit_hours", "is_stale", "stalest_input")
    return {**dict.fromkeys(names), "version": version}


def new_id() -> str:
    """Return an id that sorts by time (UUID version 7)."""
    stamp = int(datetime.now(UTC).timestamp() * 1000)
    bits = (stamp << 80) | (7 << 76) | (secrets.randbits(12) << 64) | (2 << 62) | secrets.randbits(62)
    text = f"{bits:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def as_json(found: Mapping[str, Any]) -> str:
    """Return an answer as one JSON object: days and instants in ISO 8601, amounts as text."""
    return json.dumps(found, default=written, ensure_ascii=False, indent=2)


def written(value: object) -> str:
    """Return a day, an instant or an amount as JSON has it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def _all(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _first(connection: duckdb.DuckDBPyConnection, sql: str, values: list[Any]) -> dict[str, Any] | None:
    return next(iter(_all(connection.execute(sql, values))), None)


def _one(connection: duckdb.DuckDBPyConnection, sql: str, values: list[Any]) -> Any:
    row = connection.execute(sql, values).fetchone()
    return row and row[0]
