"""Landed records and the programme as typed dicts, and what of them survives.

Belongs here: reading the two folders, types, the latest version of a record, deletions, account merges, roles by day,
owners and weights by scope and day. Does not: periods, weights of responses, scores.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

Record = dict[str, Any]

# column -> type, in contract order; text, ids and codes are all "text" here
_ACCOUNTS = (
    "account_id account_name parent_account_id account_type segment industry region country time_zone currency "
    "annual_value:number customer_since:date status renewal_on:date churned_on:date owner_email "
    "merged_into_account_id is_deleted:bool updated_at:ts"
)
_INTERACTIONS = (
    "interaction_id account_id contact_id site_id product_id touchpoint channel direction occurred_at:ts "
    "handled_by_team journey_id outcome effort_minutes:number is_internal:bool body is_deleted:bool updated_at:ts"
)
CONTRACTS: dict[str, dict[str, str]] = {
    entity: {name: kind or "text" for name, _, kind in (column.partition(":") for column in columns.split())}
    for entity, columns in {
        "crm.accounts": _ACCOUNTS,
        "crm.products": "product_id product_name product_line is_deleted:bool updated_at:ts",
        "crm.subscriptions": "subscription_id account_id site_id product_id started_on:date ended_on:date "
        "annual_value:number renewal_on:date is_deleted:bool updated_at:ts",
        "crm.contacts": "contact_id account_id site_id full_name email phone language preferred_channel is_active:bool "
        "has_opted_out:bool merged_into_contact_id is_deleted:bool updated_at:ts",
        "crm.contact_roles": "contact_id account_id role product_id valid_from:date valid_to:date is_deleted:bool "
        "updated_at:ts",
        "crm.interactions": _INTERACTIONS,
        "billing.invoices": "invoice_id account_id site_id invoice_number issued_on:date due_on:date amount:number "
        "currency is_disputed:bool promised_on:date collection voided_on:date is_deleted:bool updated_at:ts",
        "billing.payments": "payment_id invoice_id paid_at:ts amount:number kind method is_deleted:bool updated_at:ts",
        "billing.notices": "notice_id invoice_id account_id contact_id notice_kind channel sent_at:ts sent_by_team "
        "subject body is_deleted:bool updated_at:ts",
        "survey.surveys": "survey_id survey_name level updated_at:ts",
        "survey.questions": "survey_id question_id question_text metric measure scale_min:number scale_max:number "
        "is_reversed:bool updated_at:ts",
        "survey.invitations": "invitation_id survey_id account_id contact_id channel sent_at:ts disposition "
        "attempts:number interaction_id journey_id is_deleted:bool updated_at:ts",
        "survey.responses": "response_id survey_id invitation_id account_id contact_id channel started_at:ts "
        "submitted_at:ts language interaction_id journey_id is_deleted:bool updated_at:ts",
        "survey.answers": "response_id question_id score:number text is_deleted:bool updated_at:ts",
    }.items()
}
KEYS: dict[str, tuple[str, ...]] = {
    "crm.accounts": ("account_id",),
    "crm.products": ("product_id",),
    "crm.subscriptions": ("subscription_id",),
    "crm.contacts": ("contact_id",),
    "crm.contact_roles": ("contact_id", "account_id", "role", "valid_from"),
    "crm.interactions": ("interaction_id",),
    "billing.invoices": ("invoice_id",),
    "billing.payments": ("payment_id",),
    "billing.notices": ("notice_id",),
    "survey.surveys": ("survey_id",),
    "survey.questions": ("survey_id", "question_id"),
    "survey.invitations": ("invitation_id",),
    "survey.responses": ("response_id",),
    "survey.answers": ("response_id", "question_id"),
}
MERGES = {"crm.accounts": "merged_into_account_id", "crm.contacts": "merged_into_contact_id"}
PROGRAMME_TYPES: dict[str, dict[str, str]] = {
    "role_weights": {"weight": "number", "valid_from": "date", "valid_to": "date"},
    "journeys": {"stage_order": "number", "is_entry": "bool", "is_exit": "bool", "target_days": "number"},
    "touchpoint_owners": {"valid_from": "date", "valid_to": "date"},
    "role_relevance": {"relevance": "number"},
    "currency_rates": {"rate": "number", "valid_from": "date"},
    "billing_conduct": {
        **dict.fromkeys(("priority", "min_days_past_due", "max_days_past_due", "max_severity"), "number"),
        **dict.fromkeys(("min_on_time_rate", "min_tenure_years"), "number"),
        **dict.fromkeys(("is_disputed", "has_open_conflict"), "bool"),
    },
}


@dataclass(frozen=True)
class Variables:
    """The constants of the methods with their defaults; shares are fractions."""

    donor_prior: Fraction = Fraction(5)
    headline_weighting: str = "value"
    max_account_share: Fraction | None = None
    attribution_days: int = 90
    min_responses: int = 5
    min_accounts: int = 3
    max_response_share: Fraction = Fraction(1, 2)
    min_role_coverage: Fraction = Fraction(1, 2)
    billing_touchpoint: str = "payment_reminder"
    renewal_touchpoint: str = "renewal_quote"
    renewal_window_days: int = 90
    escalation_touchpoints: tuple[str, ...] = ("escalation",)
    dispute_touchpoints: tuple[str, ...] = ("invoice_dispute",)
    outage_journeys: tuple[str, ...] = ("support",)


def typed(value: Any, kind: str) -> Any:
    """A landed value as its type; empty and None are None. Values already typed pass through."""
    if value is None or value == "":
        return None
    if kind == "number":
        return Fraction(str(value))
    if kind == "bool":
        return value if isinstance(value, bool) else str(value).lower() in ("true", "1")
    if kind == "date":
        return value if isinstance(value, date) else date.fromisoformat(value)
    if kind == "ts":
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    return str(value)


def read_landing(folder: Path) -> dict[str, list[Record]]:
    """Every row of every CSV or JSON-lines file (also .gz) under ``<source>/<entity>/``, untyped, by entity name."""
    landed: dict[str, list[Record]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.name.removesuffix(".gz")
        if not path.is_file() or not name.endswith((".csv", ".jsonl")):
            continue
        entity = ".".join(path.relative_to(folder).parts[:2])
        opener = gzip.open if path.name.endswith(".gz") else open
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file) if name.endswith(".csv") else map(json.loads, filter(str.strip, file))
            landed.setdefault(entity, []).extend(dict(row) for row in rows)
    return landed


def read_programme(folder: Path) -> dict[str, list[Record]]:
    """Every CSV of a programme folder as untyped rows, by file name without ``.csv``."""
    programme: dict[str, list[Record]] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            programme[path.stem] = [dict(row) for row in csv.DictReader(file)]
    return programme


def default_record_hash(entity: str, record: Record) -> str:
    """A stand-in for the product's record hash; pass the real one where versions tie on updated_at."""
    return hashlib.sha256(repr([str(record[column]) for column in CONTRACTS[entity]]).encode()).hexdigest()


def is_valid_on(row: Mapping[str, Any], day: date) -> bool:
    """Whether the half-open interval valid_from … valid_to of a row holds a day."""
    return (row["valid_from"] is None or row["valid_from"] <= day) and (
        row["valid_to"] is None or day < row["valid_to"]
    )


def day_of(instant: datetime) -> date:
    """The UTC day of an instant."""
    return instant.astimezone(UTC).date()


HAPPENED = {
    "crm.interactions": "occurred_at",
    "billing.payments": "paid_at",
    "billing.notices": "sent_at",
    "survey.invitations": "sent_at",
    "survey.responses": "submitted_at",
}
"""When a record happened: what did after the clock is not known yet."""


def in_time(record: Record, happened: str, key: str) -> tuple[datetime, int, str]:
    """The place of an event among others: by its instant, then by its id, the shorter first."""
    return record[happened], len(record[key]), record[key]


def _end_of_merges(entity: str, landed: Mapping[str, Record], landed_id: str | None) -> str:
    """Where a record belongs; a merge into nobody is not followed. Raises ValueError on a cycle."""
    if landed_id not in landed:
        return "unknown"
    seen = [str(landed_id)]
    while (target := landed[seen[-1]][MERGES[entity]]) in landed:
        if target in seen:
            raise ValueError(f"{entity}: a cycle of merges: {' > '.join([*seen, target])}")
        seen.append(target)
    return "unknown" if landed[seen[-1]]["is_deleted"] else seen[-1]


class World:
    """All surviving records of a landing with its programme, at an AS_OF instant.

    ``landed`` maps entity names to rows (strings or typed values), ``programme`` file names to rows.
    Raises ValueError on a cycle of merges and on two programme rows of equal specificity.
    """

    def __init__(
        self,
        landed: Mapping[str, Iterable[Record]],
        programme: Mapping[str, Iterable[Record]],
        as_of: datetime,
        variables: Variables | None = None,
        record_hash: Callable[[str, Record], str] = default_record_hash,
    ) -> None:
        self.as_of = typed(as_of, "ts")
        self.variables = variables or Variables()
        self._record_hash = record_hash
        self._programme = {name: self._programme_rows(name, rows) for name, rows in programme.items()}
        surviving = {
            entity: self._survivors(entity, landed.get(entity, ()))
            for entity in CONTRACTS
            if entity != "survey.answers"
        }
        self.questions = {(r["survey_id"], r["question_id"]): r for r in surviving["survey.questions"]}
        survey_of = {r["response_id"]: r["survey_id"] for r in surviving["survey.responses"] if not r["is_deleted"]}
        surviving["survey.answers"] = self._survivors(
            "survey.answers",
            landed.get("survey.answers", ()),
            lambda r: self._is_usable(r, self.questions.get((survey_of.get(r["response_id"]), r["question_id"]))),
        )
        undeleted = {
            entity: [record for record in records if not record.get("is_deleted")]
            for entity, records in surviving.items()
        }
        for entity, happened in HAPPENED.items():
            undeleted[entity] = [record for record in undeleted[entity] if record[happened] <= self.as_of]
        self.landed_accounts: dict[str, Record] = {r["account_id"]: r for r in surviving["crm.accounts"]}
        self.landed_contacts: dict[str, Record] = {r["contact_id"]: r for r in surviving["crm.contacts"]}
        self.accounts = {i: r for i, r in self.landed_accounts.items() if self.account(i) == i}
        self.contacts = {i: r for i, r in self.landed_contacts.items() if self.contact(i) == i}
        self.products = {r["product_id"]: r for r in undeleted["crm.products"]}
        self.subscriptions = [
            {**r, "account": self.account(r["account_id"])}
            for r in undeleted["crm.subscriptions"]
            if r["product_id"] in self.products
        ]
        self.contact_roles = [
            {**r, "contact_id": self.contact(r["contact_id"]), "account": self.account(r["account_id"])}
            for r in undeleted["crm.contact_roles"]
            if self.contact(r["contact_id"]) in self.contacts
        ]
        self.surveys = {r["survey_id"]: r for r in surviving["survey.surveys"]}
        self.role_groups = {r["role"]: r["role_group"] for r in self.programme("roles")}
        self.touchpoints = {r["touchpoint"]: r for r in self.programme("touchpoints")}
        self.interactions = {
            r["interaction_id"]: self._interaction(r)
            for r in sorted(undeleted["crm.interactions"], key=lambda r: in_time(r, "occurred_at", "interaction_id"))
        }
        self.invitations = {
            r["invitation_id"]: {
                **r,
                "contact_id": self.contact_key(r["contact_id"]),
                "account": self.account(r["account_id"]),
                "level": self.surveys[r["survey_id"]]["level"],
                "disposition": r["disposition"] or "sent",
            }
            for r in undeleted["survey.invitations"]
            if r["survey_id"] in self.surveys
        }
        self.satisfaction = self._satisfaction(undeleted["survey.answers"], undeleted["survey.responses"])
        self.invoices = undeleted["billing.invoices"]
        self.invoice_versions = self._versions("billing.invoices", landed.get("billing.invoices", ()))
        self.payments = undeleted["billing.payments"]
        self.notices = undeleted["billing.notices"]
        scores = self._nps_scores(undeleted["survey.answers"], undeleted["survey.responses"])
        self.responses = {
            r["response_id"]: self._response(r, scores.get(r["response_id"]))
            for r in sorted(undeleted["survey.responses"], key=lambda r: in_time(r, "submitted_at", "response_id"))
            if r["survey_id"] in self.surveys
        }

    def programme(self, name: str) -> list[Record]:
        """Rows of a programme file, none if it is absent."""
        return self._programme.get(name, [])

    # accounts

    def account(self, account_id: str | None) -> str:
        """The surviving account of a landed id, chains of merges followed; ``unknown`` where there is none."""
        return _end_of_merges("crm.accounts", self.landed_accounts, account_id)

    def contact(self, contact_id: str | None) -> str:
        """The surviving contact of a landed id, likewise."""
        return _end_of_merges("crm.contacts", self.landed_contacts, contact_id)

    def contact_key(self, contact_id: str | None) -> str | None:
        """What a contact counts as: its survivor, or the landed id itself where there is none."""
        survivor = self.contact(contact_id)
        return contact_id if survivor == "unknown" else survivor

    def account_key(self, account_id: str | None) -> str:
        """What an account counts as: its survivor, or the landed id itself where there is none."""
        survivor = self.account(account_id)
        return (account_id or "unknown") if survivor == "unknown" else survivor

    def is_client(self, account: str) -> bool:
        """Whether a surviving account is not known to be somebody else than a client."""
        return (self.accounts.get(account) or {}).get("status") not in ("prospect", "other")

    def attribute(self, account: str, column: str) -> str:
        """segment, account_type or region of a surviving account; ``unknown`` where empty."""
        return (self.accounts.get(account) or {}).get(column) or "unknown"

    def values(self, accounts: Iterable[str], day: date) -> dict[str, Fraction]:
        """Annual value of accounts in the reporting currency, by the rates of a day; 0 where an account has none.

        Accounts that are all valued in one currency need no rate. Raises ValueError where one is missing.
        """
        worth = {a: max(self.accounts[a]["annual_value"] or Fraction(0), Fraction(0)) for a in accounts}
        rates = self.programme("currency_rates")
        reporting = next((r["currency"] for r in rates if r["rate"] == 1), None)
        currencies = {a: self.accounts[a]["currency"] or reporting for a in worth if worth[a]}
        if len(set(currencies.values()) - {None}) > 1 or (rates and len(set(currencies.values())) > 1):
            for account, currency in currencies.items():
                valid = [r for r in rates if r["currency"] == currency and (r["valid_from"] or date.min) <= day]
                if not valid:
                    raise ValueError(f"currency_rates: none for {currency} on {day}")
                worth[account] *= max(valid, key=lambda r: r["valid_from"] or date.min)["rate"]
        return worth

    def bundle(self, account: str) -> str:
        """Products a surviving account holds on the day of AS_OF, in the order of their ids; ``unknown`` if none."""
        today = day_of(self.as_of)
        held = {
            r["product_id"]
            for r in self.subscriptions
            if r["account"] == account != "unknown"
            and r["started_on"] <= today
            and (r["ended_on"] is None or today < r["ended_on"])
        }
        return " + ".join(sorted(held)) or "unknown"

    # roles

    def roles_on(self, contact_id: str | None, account: str, day: date) -> list[str]:
        """Roles valid on a day for an undeleted contact at a surviving account, sorted; none for ``unknown``."""
        return sorted(
            {
                r["role"]
                for r in self.contact_roles
                if r["contact_id"] == contact_id
                and r["account"] == account
                and account != "unknown"
                and is_valid_on(r, day)
            }
        )

    def omega(self, role: str, account: str, day: date) -> Fraction:
        """Weight of a role at an account on a day: the account's type before ``*``; 0 without a row."""
        account_type = (self.accounts.get(account) or {}).get("account_type")
        for scope in (account_type, "*"):
            rows = [
                r
                for r in self.programme("role_weights")
                if r["role"] == role and r["account_type"] == scope and is_valid_on(r, day)
            ]
            if len(rows) > 1:
                raise ValueError(f"role_weights: more than one row for {role}, {scope} on {day}")
            if rows and scope is not None and role in self.role_groups:
                return Fraction(rows[0]["weight"])
        return Fraction(0)

    def relevance(self, roles: list[str], touchpoint: str) -> Fraction:
        """Mean relevance of a touchpoint to roles; without a role, by the rows for any role."""
        rows = {(r["role"], r["touchpoint"]): r["relevance"] for r in self.programme("role_relevance")}

        def of_role(role: str) -> Fraction:
            for key in ((role, touchpoint), (role, "*"), ("*", touchpoint), ("*", "*")):
                if key in rows:
                    return Fraction(rows[key])
            return Fraction(1)

        over = roles or ["*"]
        return sum((of_role(role) for role in over), Fraction(0)) / len(over)

    # teams

    def accountable_team(self, touchpoint: str, account: str, day: date) -> str:
        """The team that owns a touchpoint for an account on a day; ``unattributed`` where nobody does."""
        if touchpoint not in self.touchpoints:
            return "unattributed"
        record = self.accounts.get(account) or {}
        account_type, region = record.get("account_type"), record.get("region")
        for scope in ((account_type, region), (account_type, "*"), ("*", region), ("*", "*")):
            if None in scope:
                continue
            teams = [
                r["team_id"]
                for r in self.programme("touchpoint_owners")
                if r["touchpoint"] == touchpoint and (r["account_type"], r["region"]) == scope and is_valid_on(r, day)
            ]
            if len(teams) > 1:
                raise ValueError(f"touchpoint_owners: {teams} all own {touchpoint} for {scope} on {day}")
            if teams:
                return str(teams[0])
        return "unattributed"

    # construction

    def _programme_rows(self, name: str, rows: Iterable[Record]) -> list[Record]:
        kinds = PROGRAMME_TYPES.get(name, {})
        return [{column: typed(value, kinds.get(column, "text")) for column, value in row.items()} for row in rows]

    @staticmethod
    def _is_usable(answer: Record, question: Record | None) -> bool:
        """Whether a version of an answer competes with the others: deletions do, and all without a known question."""
        if answer["is_deleted"] or question is None:
            return True
        score, is_nps = answer["score"], question["metric"] == "nps"
        if score is None:
            return not is_nps
        low, high = (0, 10) if is_nps else (question["scale_min"], question["scale_max"])
        return (low is None or score >= low) and (high is None or score <= high) and not (is_nps and score % 1)

    def _survivors(
        self, entity: str, rows: Iterable[Record], is_good: Callable[[Record], bool] = lambda _: True
    ) -> list[Record]:
        """The latest good version of each key, deleted ones included; a bare tombstone leaves a merge as it was."""
        found = []
        for landed in self._versions(entity, rows, is_good).values():
            ordered = landed[::-1]
            latest, merge = ordered[0], MERGES.get(entity)
            if merge and latest["is_deleted"]:
                telling = (r[merge] for r in ordered if r[merge] or not r["is_deleted"])
                latest = {**latest, merge: next(telling, None)}
            found.append(latest)
        return found

    def _versions(
        self, entity: str, rows: Iterable[Record], is_good: Callable[[Record], bool] = lambda _: True
    ) -> dict[tuple[Any, ...], list[Record]]:
        """Every good landed version by key, from the earliest to the one that wins."""
        versions: dict[tuple[Any, ...], list[tuple[datetime, str, Record]]] = {}
        for row in rows:
            record = {column: typed(row.get(column), kind) for column, kind in CONTRACTS[entity].items()}
            key = tuple(record[column] for column in KEYS[entity])
            if is_good(record):
                versions.setdefault(key, []).append((record["updated_at"], self._record_hash(entity, record), record))
        return {
            key: [record for _, _, record in sorted(landed, key=lambda version: version[:2])]
            for key, landed in versions.items()
        }

    def _interaction(self, record: Record) -> Record:
        account = self.account(record["account_id"])
        day = day_of(record["occurred_at"])
        touchpoint = self.touchpoints.get(record["touchpoint"], {})
        owner = self.accountable_team(record["touchpoint"], account, day)
        return {
            **record,
            "account": account,
            "account_key": self.account_key(record["account_id"]),
            "contact_id": self.contact_key(record["contact_id"]),
            "journey": touchpoint.get("journey"),
            "stage": touchpoint.get("stage"),
            "owner": owner,
            "handler": record["handled_by_team"] or owner,
        }

    def _response(self, record: Record, score: int | None) -> Record:
        account, contact = self.account(record["account_id"]), self.contact_key(record["contact_id"])
        return {
            **record,
            "level": self.surveys[record["survey_id"]]["level"],
            "account": account,
            "account_key": self.account_key(record["account_id"]),
            "contact_id": contact,
            "respondent": contact if record["contact_id"] in self.landed_contacts else f"as {record['response_id']}",
            "is_client": self.is_client(account),
            "channel": record["channel"] or "unknown",
            "roles": self.roles_on(contact, account, day_of(record["submitted_at"])),
            "score": score,
            "y": None if score is None else (score >= 9) - (score <= 6),
        }

    def _nps_scores(self, answers: list[Record], responses: list[Record]) -> dict[str, int]:
        """Score of each response that answered the nps question of its survey."""
        survey_of = {r["response_id"]: r["survey_id"] for r in responses}
        scores: dict[str, int] = {}
        for answer in answers:
            question = self.questions.get((survey_of.get(answer["response_id"]), answer["question_id"]))
            score = answer["score"]
            if question is not None and question["metric"] == "nps" and score is not None:
                scores[answer["response_id"]] = int(score)
        return scores

    def _satisfaction(self, answers: list[Record], responses: list[Record]) -> dict[str, Fraction]:
        """Mean of the satisfaction answers of each response that gave any, on 0 to 100 of their scales."""
        survey_of = {r["response_id"]: r["survey_id"] for r in responses}
        found: dict[str, list[Fraction]] = {}
        for answer in answers:
            question = self.questions.get((survey_of.get(answer["response_id"]), answer["question_id"]))
            score = answer["score"]
            if question is None or question["metric"] != "csat" or score is None:
                continue
            low, high = question["scale_min"], question["scale_max"]
            share = (high - score if question["is_reversed"] else score - low) / (high - low)
            found.setdefault(answer["response_id"], []).append(100 * share)
        return {response_id: sum(shares, Fraction(0)) / len(shares) for response_id, shares in found.items()}


def load_world(
    landing: Path,
    programme: Path,
    as_of: datetime | str,
    variables: Variables | None = None,
    record_hash: Callable[[str, Record], str] = default_record_hash,
) -> World:
    """A world from a landing folder, a whole programme folder and AS_OF (instant or ISO 8601)."""
    return World(read_landing(landing), read_programme(programme), typed(as_of, "ts"), variables, record_hash)
