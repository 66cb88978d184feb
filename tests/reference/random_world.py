"""Small, nasty, valid worlds: a landing folder and a programme folder from one seed.

Belongs here: rows that are legal by the landing contract and strain its rules (merges, deletions, corrections, late
and duplicate rows, odd roles, owners by scope and date, bounds of periods). Does not: dirt that is quarantined,
programme errors, expected numbers.

``make_world(seed)`` gives the rows in memory, ``write_world(seed, folder)`` writes ``folder/landing`` and
``folder/programme`` and returns their paths with AS_OF. The same seed gives the same bytes. The programme folder has
every file whose columns the programme defines with certainty; outreach_policy.csv is left to the shipped default. No
two versions of a record share ``updated_at`` unless they are equal. Nothing happens after AS_OF.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from .records import KEYS

Row = dict[str, str]
Rows = dict[str, list[Row]]

ROLES = {"buyer": "buyer", "user": "user", "finance": "influencer", "champion": "influencer", "observer": "user"}
TYPES = ("enterprise", "mid_market", "small")
SEGMENTS = ("ent", "smb")
REGIONS = ("North", "South")
TEAMS = ("sales", "support", "field", "billing_desk", "product")
CHANNELS = ("email", "phone", "in_app", "sms", "in_person")
DISPOSITIONS = ("", "sent", "opened", "started", "refused", "bounced", "unreachable", "ineligible")
LEVELS = {"SREL": "relationship", "SEXP": "experience", "STOU": "touchpoint", "SREL2": "relationship"}
JOURNEYS = {
    "onboarding": (("kickoff", "1", "7"), ("setup", "2", ""), ("training", "4", "3"), ("live", "7", "1")),
    "service": (("open", "1", "2"), ("work", "2", "10"), ("closed", "3", "")),
}
TOUCHPOINTS = {
    "tp_kick": ("onboarding", "kickoff"),
    "tp_setup": ("onboarding", "setup"),
    "tp_train": ("onboarding", "training"),
    "tp_live": ("onboarding", "live"),
    "tp_ticket": ("service", "open"),
    "tp_visit": ("service", "work"),
    "tp_call": ("service", "work"),
    "tp_close": ("service", "closed"),
    "tp_orphan": ("service", "work"),  # nobody owns it
}
UNKNOWN_TOUCHPOINTS = ("tp_nowhere",)
ENDS = ("Pacific/Kiritimati", "Pacific/Pago_Pago")
NOTICES = ("statement", "reminder", "dunning", "suspension_warning", "dispute_reply", "")
START = datetime(2025, 1, 1, tzinfo=UTC)
HISTORY = datetime(2024, 10, 1, tzinfo=UTC)
AS_OFS = ("2025-05-20T12:00:00Z", "2025-06-30T23:59:59Z", "2025-07-01T00:00:00Z", "2025-08-11T06:30:00Z")
BOUNDS = ("2025-01-31T23:59:59.999999Z", "2025-02-01T00:00:00Z", "2025-03-31T23:59:59.999999Z", "2025-04-01T00:00:00Z")


@dataclass(frozen=True)
class Paths:
    """Where a written world lies, and the instant to run it at."""

    landing: Path
    programme: Path
    as_of: str


@dataclass(frozen=True)
class RandomWorld:
    """Every landed version by entity, every programme file, and AS_OF; all values as written."""

    landed: Rows
    programme: Rows
    as_of: str


def make_world(seed: int) -> RandomWorld:
    """The world of a seed, in memory."""
    return _Maker(random.Random(seed)).world()


def write_world(seed: int, folder: Path) -> Paths:
    """Write the world of a seed as CSV, each entity split over one to three files in any order."""
    world, rng = make_world(seed), random.Random(f"files {seed}")
    for entity, rows in world.landed.items():
        rows = rng.sample(rows, len(rows))
        parts = rng.randint(1, 3)
        for part in range(parts):
            _write(folder / "landing" / entity.replace(".", "/") / f"part_{part + 1}.csv", rows[part::parts], rows[0])
    for name, rows in world.programme.items():
        _write(folder / "programme" / f"{name}.csv", rows, rows[0])
    return Paths(folder / "landing", folder / "programme", world.as_of)


def _write(path: Path, rows: list[Row], columns: Row) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


class _Maker:
    """Draws one world; entities are drawn in the order in which they refer to each other."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.as_of = rng.choice(AS_OFS)
        self.end = datetime.fromisoformat(self.as_of)
        self.landed: Rows = {}
        self.account_ids: list[str] = []
        self.contact_accounts: dict[str, list[str]] = {}
        self.interactions: list[Row] = []

    def world(self) -> RandomWorld:
        programme = self.programme()
        self.accounts()
        self.contacts()
        self.roles()
        self.draw_interactions()
        self.surveys()
        self.responses()
        self.unanswered_invitations()
        self.invoices()
        self.products()
        self.earlier_invoices()
        return RandomWorld(self.landed, programme, self.as_of)

    # drawing and landing

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def instant(self, first: datetime, last: datetime) -> datetime:
        seconds = int((last - first).total_seconds())
        return first + timedelta(seconds=self.rng.randint(0, seconds))

    def text_of(self, instant: datetime) -> str:
        """An instant in one of the ways it may land."""
        if self.chance(0.2):
            zone = timedelta(hours=self.rng.choice((-5, 2, 9)))
            local = (instant + zone).replace(tzinfo=None)
            hours = int(zone.total_seconds() // 3600)
            return f"{local.isoformat()}{'+' if hours >= 0 else '-'}{abs(hours):02d}:00"
        text = instant.replace(tzinfo=None).isoformat()
        return text if self.chance(0.2) else text + "Z"

    def flag(self, value: bool) -> str:
        return self.rng.choice(("true", "1", "TRUE") if value else ("false", "0", "", "False"))

    def land(self, entity: str, row: Row, other: Row | None = None, deletable: float = 0.0) -> None:
        """Land the final version of a row, at times with a stale version, a deletion or a duplicate besides."""
        rows = self.landed.setdefault(entity, [])
        updated = datetime(2025, 1, 2, tzinfo=UTC) + timedelta(minutes=self.rng.randint(0, 190_000))
        has_flag = "is_deleted" in row
        final = {**row, "updated_at": self.text_of(updated)}
        if has_flag:
            final["is_deleted"] = row["is_deleted"] or self.flag(self.chance(deletable))
            if final["is_deleted"] == "true" and self.chance(0.5):  # a bare tombstone
                kept = {*KEYS[entity], "is_deleted", "updated_at"}
                final |= dict.fromkeys(final.keys() - kept, "")
        rows.append(final)
        if self.chance(0.25):
            stale = {**row, **(other or {})}
            if has_flag:
                stale["is_deleted"] = self.flag(self.chance(0.3))
            stale["updated_at"] = self.text_of(updated - timedelta(seconds=self.rng.choice((1, 3600, 86400 * 20))))
            rows.append(stale)
        if self.chance(0.08):
            rows.append(dict(final))

    # programme

    def programme(self) -> Rows:
        weights, relevance = self.weights(), self.relevance()
        stages = [
            {"journey": j, "stage": s, "stage_order": order, "is_entry": str(s == all_stages[0][0]).lower(),
             "is_exit": str(s == all_stages[-1][0]).lower(), "target_days": days}
            for j, all_stages in JOURNEYS.items() for s, order, days in all_stages
        ]  # fmt: skip
        return {
            "teams": [
                {"team_id": t, "team_name": t.title(), "function": t, "lead_email": f"{t}@example.com",
                 "delivery_url": ""} for t in TEAMS
            ],
            "roles": [
                {"role": r, "role_name": r.title(), "role_group": group, "description": ""}
                for r, group in ROLES.items()
            ],
            "role_weights": weights,
            "journeys": stages,
            "touchpoints": [
                {"touchpoint": t, "touchpoint_name": t, "journey": j, "stage": s} for t, (j, s) in TOUCHPOINTS.items()
            ],
            "touchpoint_owners": self.owners(),
            "role_relevance": relevance,
            "currency_rates": self.rates(),
            "billing_conduct": self.conduct(),
            "measures": [{"measure": "quality", "measure_name": "Quality", "description": "How good it is"}],
            "themes": [
                {"theme": "speed", "measure": "quality", "theme_name": "Speed", "description": "How fast it is",
                 "example_phrases": "quick reply"}
            ],
        }  # fmt: skip

    @staticmethod
    def conduct() -> list[Row]:
        """Rules that fit by days, record, years, dispute and conflict; on some days and for some clients none does."""
        names = (
            *("rule_id", "priority", "min_days_past_due", "max_days_past_due", "min_on_time_rate", "min_tenure_years"),
            *("is_disputed", "has_open_conflict", "max_severity", "channel", "reason"),
        )
        rules = (
            ("escalated", "10", "", "", "", "", "", "true", "0", "hold", "An escalation"),
            ("good", "20", "", "0", "0.95", "3", "", "", "1", "call", "Good standing"),
            ("early", "30", "", "0", "", "", "", "", "1", "email", "Not due"),
            ("grace", "40", "1", "3", "", "", "false", "", "0", "hold", "Let it rest"),
            ("good_late", "50", "1", "", "0.5", "1", "", "", "2", "meeting", "Mostly good"),
            ("late", "60", "4", "20", "", "", "", "", "3", "letter", "Late"),
            ("same", "60", "4", "30", "", "", "", "", "4", "email", "Later"),
        )
        return [dict(zip(names, rule, strict=True)) for rule in rules]

    def rates(self) -> list[Row]:
        """EUR is what values are reported in; USD has a rate on every day, at times another one from some day on."""
        rates = [("EUR", "1", ""), ("USD", "0.5", self.rng.choice(("", "2010-01-01")))]
        if self.chance(0.6):
            rates.append(("USD", self.rng.choice(("0.91", "2", "3.25")), self.rng.choice(("2025-03-31", "2025-04-01"))))
        return [{"currency": currency, "rate": rate, "valid_from": since} for currency, rate, since in rates]

    def weights(self) -> list[Row]:
        """Weights for any type, some of them dated, some for one type; ``observer`` at times has none."""
        rows: list[Row] = []

        def add(role: str, scope: str, weight: str, since: str = "2020-01-01", until: str = "") -> None:
            row = {"role": role, "account_type": scope, "weight": weight, "valid_from": since, "valid_to": until}
            rows.append(row)

        for role, weight in (("buyer", "0.5"), ("user", "0.3"), ("finance", "0.2"), ("champion", "1")):
            if self.chance(0.3):
                change = self.rng.choice(("2025-02-15", "2025-03-31", "2025-04-01"))
                add(role, "*", weight, until=change)
                if self.chance(0.7):
                    add(role, "*", self.rng.choice(("0.25", "0.7", "0")), since=change)
            else:
                add(role, "*", weight)
            if self.chance(0.5):
                add(role, self.rng.choice(TYPES), self.rng.choice(("0", "0.1", "2")),
                    until=self.rng.choice(("", "2025-04-01")))  # fmt: skip
        if self.chance(0.5):
            add("observer", "*", "0")
        return rows

    def owners(self) -> list[Row]:
        """Owners by scope and time; one per scope at an instant, with gaps, none for ``tp_orphan``."""
        rows: list[Row] = []
        for touchpoint in TOUCHPOINTS:
            if touchpoint == "tp_orphan":
                continue
            scopes = [("*", "*")] if self.chance(0.85) else []
            scopes += [(t, "*") for t in TYPES if self.chance(0.2)]
            scopes += [("*", r) for r in REGIONS if self.chance(0.25)]
            scopes += [(t, r) for t in TYPES for r in REGIONS if self.chance(0.08)]
            for account_type, region in scopes or [("*", "North")]:
                spans = [("2020-01-01", "")]
                if self.chance(0.3):
                    change = self.rng.choice(("2024-12-10", "2025-02-15", "2025-04-01"))
                    again = self.rng.choice((change, "2025-04-15"))
                    spans = [("2020-01-01", change)] + ([(again, "")] if self.chance(0.8) else [])
                for since, until in spans:
                    rows.append(
                        {"touchpoint": touchpoint, "account_type": account_type, "region": region,
                         "team_id": self.rng.choice(TEAMS), "valid_from": since, "valid_to": until}
                    )  # fmt: skip
        return rows

    def relevance(self) -> list[Row]:
        pairs = [("*", "tp_visit"), ("finance", "*"), ("user", "tp_kick"), ("buyer", "tp_ticket"), ("user", "tp_call")]
        rows = [
            {"role": role, "touchpoint": touchpoint, "relevance": self.rng.choice(("0", "0.25", "0.5", "1"))}
            for role, touchpoint in pairs
            if self.chance(0.6)
        ]
        if self.chance(0.3) or not rows:
            rows.append({"role": "*", "touchpoint": "*", "relevance": self.rng.choice(("0.5", "0.1", "1", "0"))})
        return rows

    # crm

    def accounts(self) -> None:
        count = self.rng.randint(5, 30)
        self.account_ids = [f"A{n}" for n in range(1, count + 1)]
        ids = self.account_ids
        merged: dict[str, str] = {}
        dead: set[str] = set()
        if count >= 8:
            merged = {"A2": "A3", "A3": "A4"}  # a chain
            if self.chance(0.6):
                merged["A5"] = "A6"  # into a deleted one
                dead.add("A6")
            if self.chance(0.5):
                merged["A7"] = "ghost"  # into one nobody knows
            if self.chance(0.5):
                dead.add("A3")  # a deleted link of the chain is followed
        valueless = self.chance(0.1)
        for number, account_id in enumerate(ids):
            row = {
                "account_id": account_id,
                "account_name": f"Account {account_id}",
                "account_type": self.rng.choice((*TYPES, *TYPES, "")),
                "segment": self.rng.choice((*SEGMENTS, *SEGMENTS, *SEGMENTS, "")),
                "region": self.rng.choice((*REGIONS, *REGIONS, "")),
                "time_zone": self.rng.choice(("UTC", "Europe/Paris", "")) if number % 3 else ENDS[number % 2],
                "currency": ("EUR", "USD", "")[number % 3],
                "annual_value": "" if valueless else self.rng.choice(("", "0", "0.00", *_VALUES, *_VALUES)),
                "customer_since": self.rng.choice(
                    ("", "", "2018-01-05", "2020-06-30", "2021-01-01", "2025-03-01", "2025-03-31", "2025-04-01")
                ),
                "status": self.rng.choice(("active",) * 14 + ("prospect", "churned", "", "other")),
                "churned_on": self.rng.choice(("",) * 14 + ("2025-01-01", "2025-02-10", "2025-04-01", "2026-01-01")),
                "merged_into_account_id": merged.get(account_id, ""),
                "is_deleted": "true" if account_id in dead else "",
            }
            other = {
                "segment": self.rng.choice(SEGMENTS),
                "annual_value": self.rng.choice(_VALUES),
                "status": "prospect",
                "merged_into_account_id": self.rng.choice(("", ids[0] if account_id != ids[0] else "")),
            }
            self.land("crm.accounts", row, other, deletable=0.03)

    def products(self) -> None:
        """Products, who holds them, and which one an interaction was about. P9 is one nobody knows."""
        products = ("P1", "P2", "P3", "P4")
        for product_id in products:
            row = {"product_id": product_id, "product_name": product_id.lower(), "product_line": "", "is_deleted": ""}
            self.land("crm.products", row, deletable=0.1)
        for number, account_id in enumerate([*self.account_ids, *self.account_ids, "X1"]):
            if self.chance(0.4):
                continue
            row = {
                "subscription_id": f"B{number}",
                "account_id": account_id,
                "site_id": "",
                "product_id": self.rng.choice((*products, "P1", "P1", "P9")),
                "started_on": self.rng.choice(("2023-01-01", "2023-01-01", "2025-06-30", "2025-08-11")),
                "ended_on": self.rng.choice(("", "", "", "2025-06-30", "2025-07-01")),
                "annual_value": "",
                "renewal_on": "",
                "is_deleted": "",
            }
            self.land("crm.subscriptions", row, deletable=0.05)
        choice: dict[tuple[str, str], str] = {}
        for row in self.landed.get("crm.interactions", []):
            version = (row["interaction_id"], row["updated_at"])  # the same again where it landed twice
            choice.setdefault(version, self.rng.choice((*products, "P1", "P1", "P1", "P9", "")))
            row["product_id"] = choice[version]

    def contacts(self) -> None:
        for account_id in [*self.account_ids, "X1", "X2"]:  # X…: accounts nobody knows
            people = self.rng.choice((1, 2, 3, 4, 5)) if account_id.startswith("A") else 1
            for number in range(1, people + 1):
                contact_id = f"{account_id}c{number}"
                merges = list(self.contact_accounts)  # into one who landed before, so that nobody comes in a circle
                self.contact_accounts[contact_id] = [account_id]
                row = {
                    "contact_id": contact_id,
                    "account_id": account_id,
                    "language": self.rng.choice(("en", "de", "")),
                    "is_active": self.flag(self.chance(0.9)),
                    "has_opted_out": self.flag(self.chance(0.1)),
                    "merged_into_contact_id": self.rng.choice((*merges, "ghost"))
                    if merges and self.chance(0.1)
                    else "",
                    "is_deleted": "",
                }
                self.land("crm.contacts", row, {"account_id": self.rng.choice(self.account_ids)}, deletable=0.05)
        self.contact_accounts["nobody"] = [self.account_ids[0]]  # a contact nobody knows

    def roles(self) -> None:
        for contact_id in list(self.contact_accounts):
            accounts = self.contact_accounts[contact_id]
            if self.chance(0.1):
                accounts.append(self.rng.choice(self.account_ids))
            for account_id in dict.fromkeys(accounts):
                for role in self.rng.sample([*ROLES, "oracle"], self.rng.choice((0, 1, 1, 1, 1, 1, 1, 2, 2, 3))):
                    self.role(contact_id, account_id, "buyer" if role == "champion" and self.chance(0.5) else role)

    def role(self, contact_id: str, account_id: str, role: str) -> None:
        """One role: for good, once, or with an interruption. ``oracle`` is a role the programme does not know."""
        spans = self.rng.choice(
            (
                (("2024-01-01", ""),),
                (("2024-01-01", ""),),
                (("2024-01-01", ""),),
                (("2024-01-01", ""),),
                (("2023-05-01", ""),),
                (("2023-05-01", ""),),
                (("2024-01-01", "2025-03-15"),),
                (("2025-02-15", ""),),
                (("2024-01-01", "2025-02-01"), ("2025-03-01", "")),
                (("2025-03-31", "2025-04-01"),),
                (("2024-01-01", "2025-04-01"), ("2025-01-01", "2025-02-01")),
            )
        )
        landed = {tuple(row[column] for column in KEYS["crm.contact_roles"])
                  for row in self.landed.get("crm.contact_roles", [])}  # fmt: skip
        for since, until in spans:
            if (contact_id, account_id, role, since) in landed:
                continue
            row = {
                "contact_id": contact_id,
                "account_id": account_id,
                "role": role,
                "valid_from": since,
                "valid_to": until,
                "is_deleted": "",
            }
            self.land("crm.contact_roles", row, {"valid_to": "2025-06-01" if not until else ""}, deletable=0.05)

    def draw_interactions(self) -> None:
        known = list(TOUCHPOINTS)
        contacts = list(self.contact_accounts)
        for number in range(1, self.rng.randint(4, 14) * len(self.account_ids) + 1):
            contact_id = self.rng.choice(contacts)
            account_id = self.rng.choice(self.contact_accounts[contact_id])
            occurred = self.instant(HISTORY, self.end)
            if self.interactions and self.chance(0.1):  # at the same instant as another, often of the same instance
                twin = self.rng.choice(self.interactions)
                occurred = datetime.fromisoformat(twin["_at"])
                contact_id, account_id = twin["contact_id"], twin["account_id"]
            touchpoint = self.rng.choice(UNKNOWN_TOUCHPOINTS if self.chance(0.05) else known)
            row = {
                "interaction_id": f"I{number}",
                "account_id": account_id,
                "contact_id": contact_id if self.chance(0.85) else "",
                "touchpoint": touchpoint,
                "channel": self.rng.choice(("email", "phone", "meeting", "portal", "")),
                "direction": self.rng.choice(("inbound", "outbound", "")),
                "occurred_at": self.text_of(occurred),
                "handled_by_team": self.rng.choice(TEAMS) if self.chance(0.3) else "",
                "journey_id": f"J{self.rng.randint(1, 3)}" if self.chance(0.6) else "",
                "is_internal": self.flag(self.chance(0.1)),
                "body": self.rng.choice(("", "Thank you, and best wishes", 'He said: "done", twice\nand left')),
                "is_deleted": "",
            }
            other = {"touchpoint": self.rng.choice(known), "handled_by_team": self.rng.choice(TEAMS)}
            self.land("crm.interactions", row, other, deletable=0.04)
            self.interactions.append({**row, "_at": occurred.isoformat()})

    # surveys

    def surveys(self) -> None:
        for survey_id, level in LEVELS.items():
            self.land("survey.surveys", {"survey_id": survey_id, "survey_name": survey_id, "level": level})
            for question_id, metric, low, high in (("ltr", "nps", "0", "10"), ("sat", "csat", "1", "5"),
                                                   ("why", "comment", "", "")):  # fmt: skip
                row = {
                    "survey_id": survey_id,
                    "question_id": question_id,
                    "question_text": "How likely?",
                    "metric": metric,
                    "measure": "",
                    "scale_min": low,
                    "scale_max": high,
                }
                self.land("survey.questions", row, {"question_text": "How likely is it?"})

    def responses(self) -> None:
        contacts = list(self.contact_accounts)
        self.rng.shuffle(contacts)
        number = 0
        for contact_id in contacts:
            previous: datetime | None = None
            for _ in range(self.rng.choice((0, 1, 1, 2, 3, 4))):
                number += 1
                submitted = self.submitted_at(previous)
                previous = submitted
                self.response(f"R{number}", contact_id, submitted)

    def submitted_at(self, previous: datetime | None) -> datetime:
        """An instant in the weeks of the world; at times a period's bound, a tie, or right at an interaction."""
        if previous and self.chance(0.15):
            return previous
        if self.chance(0.12):
            return datetime.fromisoformat(self.rng.choice(BOUNDS))
        if self.chance(0.15):
            at = datetime.fromisoformat(self.rng.choice(self.interactions)["_at"])
            at += timedelta(days=self.rng.choice((0, 90)), microseconds=self.rng.choice((-1, 0, 1)))
            if START <= at <= self.end:
                return at
        return self.instant(START, self.end)

    def response(self, response_id: str, contact_id: str, submitted: datetime) -> None:
        survey_id = self.rng.choice(("SREL", "SREL", "SREL", "SREL2", "SEXP", "STOU"))
        account_id = self.rng.choice(self.contact_accounts[contact_id])
        if self.chance(0.03):
            account_id = self.rng.choice(("X1", "X9", *self.account_ids))
        interaction_id = journey_id = ""
        if survey_id == "STOU" or self.chance(0.05):
            mine = [i["interaction_id"] for i in self.interactions if i["contact_id"] == contact_id]
            interaction_id = self.rng.choice((*mine, self.rng.choice(self.interactions)["interaction_id"],
                                              "I0", ""))  # fmt: skip
        if survey_id == "SEXP" or self.chance(0.05):
            there = [i["journey_id"] for i in self.interactions if i["account_id"] == account_id]
            journey_id = self.rng.choice((*there, "J1", "J9", ""))
        invitation_id = f"V{response_id}" if self.chance(0.6) else ""
        landed_contact = contact_id
        if self.chance(0.08):  # nobody is named, or the one who stands for everybody
            landed_contact = self.rng.choice(("", "anonymous"))
            account_id, invitation_id = self.rng.choice((account_id, "")), ""
        channel = self.rng.choice((*CHANNELS[:2], *CHANNELS[:2], *CHANNELS, ""))
        row = {
            "response_id": response_id,
            "survey_id": survey_id,
            "invitation_id": invitation_id,
            "account_id": account_id,
            "contact_id": landed_contact,
            "channel": channel,
            "submitted_at": self.text_of(submitted),
            "interaction_id": interaction_id,
            "journey_id": journey_id,
            "is_deleted": "",
        }
        other = {"account_id": self.rng.choice(self.account_ids), "channel": "phone", "interaction_id": ""}
        self.land("survey.responses", row, other, deletable=0.04)
        if invitation_id:
            self.invitation(row, submitted)
        self.answers(response_id)

    def invitation(self, response: Row, submitted: datetime) -> None:
        row = {
            "invitation_id": response["invitation_id"],
            "survey_id": response["survey_id"],
            "account_id": response["account_id"],
            "contact_id": response["contact_id"],
            "channel": response["channel"] or "email",
            "interaction_id": response["interaction_id"],
            "sent_at": self.text_of(submitted - timedelta(hours=self.rng.randint(1, 200))),
            "disposition": random.Random(response["response_id"]).choice(("completed", "completed", "partial")),
            "attempts": str(self.rng.randint(1, 3)),
            "is_deleted": "",
        }
        self.land("survey.invitations", row, {"disposition": "opened"})

    def unanswered_invitations(self) -> None:
        """Invitations nobody answered: any outcome, at times before the first response or about an interaction."""
        contacts = list(self.contact_accounts)
        for number in range(1, self.rng.randint(5, 60)):
            contact_id = self.rng.choice(contacts)
            interaction = self.rng.choice(self.interactions)
            about = self.chance(0.4)
            sent = self.instant(START - timedelta(days=self.rng.choice((0, 0, 40))), self.end)
            if about:
                hours = self.rng.choice((1, 72, 73, 500))
                sent = min(self.end, datetime.fromisoformat(interaction["_at"]) + timedelta(hours=hours))
            row = {
                "invitation_id": f"U{number}",
                "survey_id": self.rng.choice(tuple(LEVELS)),
                "account_id": self.rng.choice((*self.contact_accounts[contact_id], *self.account_ids, "X1")),
                "contact_id": contact_id,
                "channel": self.rng.choice(CHANNELS),
                "sent_at": self.text_of(sent),
                "disposition": self.rng.choice(DISPOSITIONS),
                "attempts": self.rng.choice(("", "1", "2", "3")),
                "interaction_id": interaction["interaction_id"] if about else "",
                "is_deleted": "",
            }
            self.land("survey.invitations", row, {"disposition": "sent"}, deletable=0.05)

    def answers(self, response_id: str) -> None:
        """The score (at times none, deleted or corrected), and now and then other questions."""
        answers: list[tuple[str, Any, str]] = []
        if self.chance(0.93):
            score = self.rng.choice((0, 3, 6, 7, 8, 9, 9, 10, 10))
            answers.append(("ltr", f"{score}.0" if self.chance(0.1) else score, ""))
        if self.chance(0.4) or not answers:
            answers.append(("sat", self.rng.randint(1, 5), ""))
        if self.chance(0.2):
            answers.append(("why", "", "All fine, as agreed."))
        for question_id, value, text in answers:
            row = {"response_id": response_id, "question_id": question_id, "score": str(value), "text": text,
                   "is_deleted": ""}  # fmt: skip
            other = {"score": str(self.rng.randint(1, 5))} if question_id != "why" else {}
            self.land("survey.answers", row, other, deletable=0.03)
            self.unusable_answers(row)

    def unusable_answers(self, answer: Row) -> None:
        """Versions whose score can't be used, at times older than all others, at times newer."""
        rng = random.Random(f"{answer['response_id']} {answer['question_id']}")
        if answer["question_id"] == "why" or rng.random() > 0.15:
            return
        for at in rng.sample(
            ("2024-11-01T00:00:00Z", "2025-10-01T00:00:00Z", "2025-10-02T00:00:00Z"), rng.randint(1, 2)
        ):
            score = rng.choice(("7.5", "11", "-1", "") if answer["question_id"] == "ltr" else ("6", "0.5"))
            self.landed["survey.answers"].append(answer | {"score": score, "is_deleted": "", "updated_at": at})

    # billing

    def invoices(self) -> None:
        """Invoices of any kind of payer, with what was paid and written about them."""
        for account_id in (*self.account_ids, "X1"):
            payer = self.rng.choice((0.0, 0.5, 1.0, 1.0))
            for n in range(self.rng.choice((0, 1, 3, 5, 8))):
                due = self.instant(HISTORY, self.end).date()
                row = {
                    "invoice_id": f"{account_id}-{n}",
                    "account_id": account_id,
                    "site_id": "",
                    "invoice_number": f"{n}",
                    "issued_on": str(due - timedelta(days=30 if self.chance(0.95) else -3)),
                    "due_on": str(due),
                    "amount": self.rng.choice(("100.00", "100.00", "100", "99.95", "0", "-20.00")),
                    "currency": self.rng.choice(("EUR", "GBP", "")),
                    "is_disputed": self.flag(self.chance(0.1)),
                    "promised_on": "",
                    "collection": self.rng.choice(("", "", "on_terms", "on_terms", "automatic")),
                    "voided_on": str(due + timedelta(days=self.rng.randint(-20, 20))) if self.chance(0.1) else "",
                    "is_deleted": "",
                }
                self.land("billing.invoices", row, {"amount": "50.00", "due_on": str(due + timedelta(5))}, 0.04)
                self.payments(row, due, on_time=self.chance(payer))
                self.notices(row, due)

    def earlier_invoices(self) -> None:
        """What billing said of some invoices at other times: other amounts, disputed, promised, voided."""
        for row in list(self.landed["billing.invoices"]):
            if row["amount"] and self.chance(0.5):
                due = date.fromisoformat(row["due_on"])
                # a second of its own: no other version has it
                said_at = self.instant(HISTORY, self.end).replace(second=17)
                self.landed["billing.invoices"].append(
                    row
                    | {
                        "amount": self.rng.choice((row["amount"], row["amount"], "60.00", "-40.00")),
                        "is_disputed": self.flag(self.chance(0.3)),
                        "promised_on": str(due + timedelta(days=self.rng.randint(-10, 30))) if self.chance(0.4) else "",
                        "voided_on": str(due + timedelta(days=self.rng.randint(-20, 20))) if self.chance(0.1) else "",
                        "is_deleted": "",
                        "updated_at": said_at.isoformat(),
                    }
                )

    def payments(self, invoice: Row, due: date, on_time: bool) -> None:
        """One payment in full, or parts, with refunds and credits between or after them; at times none."""
        parts = self.rng.choice((
            ("100.00",), ("100.00",), ("60.00", "40.00"), ("60.00", "-10.00", "50.00"), ("100.00", "-100.00"),
            ("100.00", "-5.00"), ("99.95",), (), ("60.00", "credit_note 40.00"), ("credit_note 40.00", "60.00"),
            ("write_off 100.00",), ("credit_note -100.00",), ("100.00", "refund 100.00", "credit_note 100.00"),
            ("100.00", "refund -100.00", "100.00"), ("60.00", "credit_note 40.00", "10.00"), ("refund 10.00", "110.00"),
        ))  # fmt: skip
        at = datetime(due.year, due.month, due.day, 9, 30, tzinfo=UTC)
        at += timedelta(hours=self.rng.randint(-240, 3) if on_time else self.rng.randint(-3, 900))
        for n, part in enumerate(parts):
            kind, _, amount = part.rpartition(" ")
            if at <= self.end:
                row = {
                    "payment_id": f"{invoice['invoice_id']}-P{n}",
                    "invoice_id": "I-none" if self.chance(0.02) else invoice["invoice_id"],
                    "paid_at": self.text_of(at),
                    "amount": amount,
                    "kind": kind or self.rng.choice(("", "payment")),
                    "method": "",
                    "is_deleted": "",
                }
                self.land("billing.payments", row, {"amount": "1.00"}, 0.04)
            at += timedelta(hours=self.rng.choice((0, 1, 30, 300)))

    def notices(self, invoice: Row, due: date) -> None:
        """Notices around the due day, at times on its bounds in the client's time zone, at times to another account."""
        for n in range(self.rng.choice((0, 0, 1, 2, 4))):
            at = datetime(due.year, due.month, due.day, tzinfo=UTC) + timedelta(
                hours=self.rng.choice((-14, 0, 10, 11, 24, 34, 35, *(self.rng.randint(-400, 900) for _ in range(7)))),
                seconds=self.rng.choice((-1, 0, 1)),
            )
            if at > self.end:
                continue
            row = {
                "notice_id": f"{invoice['invoice_id']}-N{n}",
                "invoice_id": "I-none" if self.chance(0.03) else invoice["invoice_id"],
                "account_id": self.rng.choice(self.account_ids) if self.chance(0.05) else invoice["account_id"],
                "contact_id": "",
                "notice_kind": self.rng.choice(NOTICES),
                "channel": ("email", "", "phone", "in_person")[n],
                "sent_at": self.text_of(at),
                "sent_by_team": self.rng.choice((*TEAMS, "")),
                "subject": "",
                "body": "",
                "is_deleted": "",
            }
            self.land("billing.notices", row, {"notice_kind": "dunning"}, 0.04)


_VALUES = ("1200.50", "40000", "60000.00", "100000", "300000.00", "600000", "2500000.75")
