"""Billing conduct end to end: the golden case, both ends of the world, what was known when, and the wording test set.

Belongs here: small worlds whose figures are worked by hand. Does not: random worlds (test_promises).
"""

from __future__ import annotations

import csv
import http.client
import json
import re
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from datetime import time as dt_time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
import wording_figures
from building import Builder
from conftest import COMMAND, TESTS, Installation

from orchestration.manifest import DEFAULT_PROGRAMME

AS_OF = "2024-03-20T12:00:00Z"
ZONES = {"UTC": "UTC", "EAST": "Pacific/Kiritimati", "WEST": "Pacific/Pago_Pago"}
WORDING = TESTS / "fixtures" / "billing_wording"

Row = dict[str, str]


def messages(part: str) -> list[Row]:
    return wording_figures.read(WORDING / f"{part}.csv")


def land(installation: Installation, entity: str, rows: list[Row], name: str = "file.csv") -> None:
    path = installation.land(entity, "", name)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(column for row in rows for column in row)))
        writer.writeheader()
        writer.writerows(rows)


def account(account_id: str, zone: str = "UTC", since: str = "2018-01-05") -> Row:
    return {
        "account_id": account_id,
        "account_name": f"Client {account_id}",
        "account_type": "enterprise",
        "region": "North",
        "time_zone": zone,
        "currency": "EUR",
        "annual_value": "120000",
        "customer_since": since,
        "status": "active",
        "updated_at": "2024-01-01T00:00:00Z",
    }


def invoice(invoice_id: str, account_id: str, due_on: str, amount: str = "100.00", **more: str) -> Row:
    row = {"invoice_id": invoice_id, "account_id": account_id, "issued_on": "2023-01-01", "due_on": due_on}
    return {**row, "amount": amount, "currency": "EUR", "updated_at": "2024-01-01T00:00:00Z", **more}


def payment(payment_id: str, invoice_id: str, paid_at: str, amount: str = "100.00", **more: str) -> Row:
    row = {"payment_id": payment_id, "invoice_id": invoice_id, "paid_at": paid_at, "amount": amount}
    return {**row, "updated_at": "2024-03-10T00:00:00Z", **more}


def notice(notice_id: str, invoice_id: str, account_id: str, kind: str, sent_at: str, **more: str) -> Row:
    row = {"notice_id": notice_id, "invoice_id": invoice_id, "account_id": account_id, "notice_kind": kind}
    return {**row, "sent_at": sent_at, "updated_at": sent_at, **more}


def golden(name: str, zone: str) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    """A client who paid four invoices on their due day, the one that falls due on 29 February, and two notices."""
    # noon of the due day in the client's own time zone is not the same UTC day everywhere
    noon = {"UTC": "T12:00:00Z", "EAST": "T12:00:00+14:00", "WEST": "T12:00:00-11:00"}[name]
    due = ["2023-05-31", "2023-08-31", "2023-11-30", "2024-01-31"]
    invoices = [invoice(f"{name}-{n}", name, day) for n, day in enumerate(due)]
    payments = [payment(f"{name}-P{n}", f"{name}-{n}", day + noon) for n, day in enumerate(due)]
    invoices.append(invoice(f"{name}-GOLD", name, "2024-02-29"))
    notices = [
        notice(f"{name}-THREAT", f"{name}-GOLD", name, "suspension_warning", f"2024-02-20{noon}"),
        notice(f"{name}-KIND", f"{name}-GOLD", name, "reminder", f"2024-02-26{noon}"),
    ]
    return [account(name, zone)], invoices, payments, notices


def world(installation: Installation) -> None:
    accounts, invoices, payments, notices = [], [], [], []
    for name, zone in ZONES.items():
        for found, made in zip((accounts, invoices, payments, notices), golden(name, zone), strict=True):
            found += made
    # a late payer of as many years, threatened after the due day
    accounts += [account("LATE"), account("KNOWN"), account("MIXED"), account("DAY-E", ZONES["EAST"])]
    accounts += [account("DAY-W", ZONES["WEST"])]
    invoices += [invoice(f"LATE-{n}", "LATE", f"2023-0{n + 1}-28") for n in range(4)]
    payments += [payment(f"LATE-P{n}", f"LATE-{n}", f"2023-0{n + 2}-28T12:00:00Z") for n in range(4)]
    invoices.append(invoice("LATE-GOLD", "LATE", "2024-02-29"))
    notices.append(notice("LATE-THREAT", "LATE-GOLD", "LATE", "suspension_warning", "2024-03-05T12:00:00Z"))
    # one as late, who owes an invoice for as long as the rules want before a final demand
    accounts.append(account("LATER"))
    invoices += [invoice(f"LATER-{n}", "LATER", f"2023-0{n + 1}-28") for n in range(4)]
    payments += [payment(f"LATER-P{n}", f"LATER-{n}", f"2023-0{n + 2}-28T12:00:00Z") for n in range(4)]
    invoices.append(invoice("LATER-OLD", "LATER", "2024-01-01"))
    notices.append(notice("LATER-FINAL", "LATER-OLD", "LATER", "suspension_warning", "2024-03-05T12:00:00Z"))
    # what was known on 10 February of three other invoices
    invoices += [
        invoice("K-EARLY", "KNOWN", "2024-02-20"),  # due later, paid before: known
        invoice("K-LATE", "KNOWN", "2024-02-05"),  # due before, paid after: known as five days late
        invoice("K-LATER", "KNOWN", "2024-02-15"),  # due later, paid after: not known
        invoice("K-OWN", "KNOWN", "2024-02-01"),  # the notice's own: never in its record
    ]
    payments += [
        payment("K-P1", "K-EARLY", "2024-02-09T12:00:00Z"),
        payment("K-P2", "K-LATE", "2024-02-12T12:00:00Z"),
        payment("K-P3", "K-LATER", "2024-02-16T12:00:00Z"),
    ]
    notices.append(notice("K-NOTICE", "K-OWN", "KNOWN", "dunning", "2024-02-10T12:00:00Z"))
    # part payments, a refund before the rest, a currency of its own, a disputed and a voided one
    invoices += [
        invoice("M-PARTS", "MIXED", "2024-02-01"),
        invoice("M-OPEN", "MIXED", "2024-01-01", "50.00"),
        invoice("M-USD", "MIXED", "2024-03-31", "70.00", currency="USD"),
        invoice("M-DISPUTED", "MIXED", "2024-02-10", "30.00", is_disputed="true"),
        invoice("M-VOID", "MIXED", "2024-01-15", "999.00", voided_on="2024-01-10"),
    ]
    payments += [
        payment("M-P1", "M-PARTS", "2024-01-30T12:00:00Z", "60.00"),
        payment("M-P2", "M-PARTS", "2024-01-31T12:00:00Z", "-20.00"),
        payment("M-P3", "M-PARTS", "2024-02-01T12:00:00Z", "40.00"),
        payment("M-P4", "M-PARTS", "2024-02-06T12:00:00Z", "20.00"),
        payment("M-P5", "M-PARTS", "2024-02-20T12:00:00Z", "-10.00"),
        payment("M-P6", "M-OPEN", "2024-01-05T12:00:00Z", "15.00"),
    ]
    # 29 February in the client's time zone: 14 hours ahead of UTC, and 11 behind it
    invoices += [invoice("D-E", "DAY-E", "2024-02-29"), invoice("D-W", "DAY-W", "2024-02-29")]
    notices += [
        notice("E-1", "D-E", "DAY-E", "reminder", "2024-02-28T09:59:59Z"),
        notice("E-2", "D-E", "DAY-E", "reminder", "2024-02-28T10:00:00Z"),
        notice("E-3", "D-E", "DAY-E", "dunning", "2024-02-29T10:00:00Z"),
        notice("W-1", "D-W", "DAY-W", "dunning", "2024-03-01T10:59:59Z"),
        notice("W-2", "D-W", "DAY-W", "dunning", "2024-03-01T11:00:00Z"),
    ]
    for part in ("for_writing", "set_aside"):
        notices += [
            notice(f"{part}-{message['message_id']}", "WORDS", "UTC", "", "2024-03-01T00:00:00Z")
            | {"subject": message["subject"], "body": message["body"]}
            for message in messages(part)
        ]
    invoices.append(invoice("WORDS", "UTC", "2024-06-30", voided_on="2024-01-02"))
    for entity, rows in {
        "crm.accounts": accounts,
        "billing.invoices": invoices,
        "billing.payments": payments,
        "billing.notices": notices,
        "crm.interactions": [
            {
                "interaction_id": "I",
                "account_id": "UTC",
                "touchpoint": "anything",
                "occurred_at": "2024-01-01T00:00:00Z",
                "updated_at": "2024-01-01T00:00:00Z",
            }
        ],
    }.items():
        land(installation, entity, rows)


@pytest.fixture(scope="module")
def billing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("billing")
    installation = Installation(folder / "home", folder / "landing", as_of=AS_OF)
    world(installation)
    result = installation.run("run")
    assert result.returncode == 0, result.stdout + result.stderr
    yield installation


NOTICE = """
    select days_past_due, is_before_due, severity, known_invoices, on_time_rate, mean_days_late,
        is_demand_before_due, is_tone_mismatch, is_flagged
    from marts.fct_billing_notice where notice_id = ?
"""


@pytest.mark.parametrize("name", ZONES)
def test_the_golden_case(billing: Installation, name: str) -> None:
    assert billing.rows(NOTICE, f"{name}-THREAT") == [(-9, True, 4, 4, 1.0, 0.0, True, True, True)]
    assert billing.rows(NOTICE, f"{name}-KIND") == [(-3, True, 1, 4, 1.0, 0.0, False, False, False)]
    flagged = billing.rows(
        """
        select notice_id, round(tenure_years * 365.25), recommended_severity, recommended_channel, team_id
        from marts.fct_billing_notice where account_id = ? and is_flagged and invoice_id <> 'WORDS'
        """,
        name,
    )
    # 5 January 2018 to 20 February 2024: 2237 days
    assert flagged == [(f"{name}-THREAT", 2237, 1, "call", "billing")]


def test_a_threat_to_a_late_payer_after_the_due_day_is_not_flagged(billing: Installation) -> None:
    # each of the four was paid a month late: 31 + 28 + 31 + 30 days
    [row] = billing.rows(NOTICE, "LATE-THREAT")
    assert row == (5, False, 4, 4, 0.0, (31 + 28 + 31 + 30) / 4, False, False, False)


VERDICT = "select verdict, verdict_reasons, decides_team_id from marts.fct_billing_notice where notice_id = ?"


@pytest.mark.parametrize("name", ZONES)
def test_the_golden_case_is_held(billing: Installation, name: str) -> None:
    reasons = "demand_before_due,tone_mismatch,harder_than_guidance,talk_first"
    assert billing.rows(VERDICT, f"{name}-THREAT") == [("hold", reasons, "billing")]
    assert billing.rows(VERDICT, f"{name}-KIND") == [("go", "", None)]


def test_a_final_demand_goes_to_a_late_payer_once_the_rules_ask_for_it(billing: Installation) -> None:
    # 64 days past due, and 5, when the rules allow a courtesy reminder
    assert billing.rows(VERDICT, "LATER-FINAL") == [("go", "", None)]
    assert billing.rows(VERDICT, "LATE-THREAT") == [("soften", "harder_than_guidance", "billing")]


def test_what_may_be_sent_about_an_open_invoice(billing: Installation) -> None:
    """20 days past due in good standing: a call, at most an overdue notice."""
    found = billing.rows(
        """
        select on_day::varchar, severity, verdict, verdict_spoken, reasons, decides_team_id, until_at::varchar
        from marts.rpt_notice_guard where invoice_id = 'EAST-GOLD' order by 1, 2
        """
    )
    # the clock's noon of 20 March is the 21st in Kiritimati
    assert {day for day, *_ in found} == {"2024-03-21", "2024-03-22", "2024-03-23"}
    hard = "tone_mismatch,harder_than_guidance,talk_first"
    assert [row[1:] for row in found if row[0] == "2024-03-23"] == [
        (0, "go", "go", "", None, None),
        (1, "go", "go", "", None, None),
        (2, "soften", "go", "talk_first", "billing", None),
        (3, "soften", "soften", hard, "billing", None),
        (4, "soften", "soften", hard, "billing", None),
        (5, "soften", "soften", hard, "billing", None),
    ]
    assert billing.rows(
        "select distinct reasons from marts.rpt_notice_guard where invoice_id = 'M-DISPUTED' and severity = 1"
    ) == [("disputed,harder_than_guidance",)]


def test_days_are_those_of_the_client(billing: Installation) -> None:
    days = "select notice_id, days_past_due, is_before_due, is_demand_before_due from marts.fct_billing_notice"
    assert billing.rows(f"{days} where invoice_id in ('D-E', 'D-W') order by 1") == [
        ("E-1", -1, True, False),
        ("E-2", 0, True, False),
        ("E-3", 1, False, False),
        ("W-1", 0, True, True),
        ("W-2", 1, False, False),
    ]


def test_invoices(billing: Installation) -> None:
    found = billing.rows(
        """
        select invoice_id, paid_on::varchar, days_late, is_open, is_disputed, open_amount::varchar
        from marts.fct_invoice where account_id = 'MIXED' order by 1
        """
    )
    # 60 - 20 + 40 = 80 on the due day, 100 five days after; the refund of 10 later on opens it again
    assert found == [
        ("M-DISPUTED", None, 39, True, True, "30.00"),
        ("M-OPEN", None, 79, True, False, "35.00"),
        ("M-PARTS", None, 48, True, False, "10.00"),
        ("M-USD", None, 0, True, False, "70.00"),
        ("M-VOID", None, None, False, False, "0.00"),
    ]


def test_guidance_for_open_invoices(billing: Installation) -> None:
    found = billing.rows(
        "select invoice_id, recommended_severity, recommended_channel from marts.rpt_collections_guidance"
        " where account_id in ('MIXED', 'UTC', 'LATE') order by 1"
    )
    assert found == [
        ("LATE-GOLD", 2, "email"),  # 20 days past due, never on time
        ("M-DISPUTED", 0, "hold"),
        ("M-OPEN", 4, "letter"),  # 79 days past due; known: M-PARTS late, M-DISPUTED late
        ("M-PARTS", 3, "call"),  # 48 days past due
        ("M-USD", 1, "email"),
        ("UTC-GOLD", 2, "call"),  # 20 days past due, in good standing
    ]


def test_ages_add_up_by_currency_and_days_late_add_up(billing: Installation) -> None:
    found = billing.rows(
        """
        select currency, known_invoices, days_late_sum, open_amount::varchar, not_due_amount::varchar,
            due_31_to_60_amount::varchar, due_61_to_90_amount::varchar
        from marts.rpt_payment_behaviour where account_id = 'MIXED' and is_current order by 1
        """
    )
    assert found == [
        ("EUR", 3, 48 + 39 + 79, "75.00", "0.00", "40.00", "35.00"),
        ("USD", 0, 0, "70.00", "70.00", "0.00", "0.00"),
    ]
    # at the end of January nothing had come in for M-PARTS but 60 - 20, and 15 for M-OPEN
    assert billing.rows(
        "select open_amount::varchar, not_due_amount::varchar, due_1_to_30_amount::varchar, days_late_sum"
        " from marts.rpt_payment_behaviour where account_id = 'MIXED' and currency = 'EUR'"
        " and ageing_on = date '2024-01-31'"
    ) == [("125.00", "90.00", "35.00", 30)]
    assert (
        billing.rows(
            """
            select currency from marts.fct_invoice full join
                (select currency, sum(open_amount) as aged from marts.rpt_payment_behaviour where is_current group by 1)
                using (currency)
            group by currency having sum(open_amount) is distinct from max(aged)
            """
        )
        == []
    )


def judged(billing: Installation, part: str) -> list[tuple[Row, int, str | None]]:
    found = {
        name: (severity, phrase)
        for name, severity, phrase in billing.rows(
            "select notice_id, severity, wording_phrase from marts.fct_billing_notice where invoice_id = 'WORDS'"
        )
    }
    return [(message, *found[f"{part}-{message['message_id']}"]) for message in messages(part)]


def test_there_are_enough_messages_of_every_severity() -> None:
    found = [message for part in ("for_writing", "set_aside") for message in messages(part)]
    assert len(found) >= 120
    for severity in range(6):
        assert sum(int(message["severity"]) == severity for message in found) >= 20


def test_wording_on_messages_the_rules_were_not_written_for(billing: Installation) -> None:
    found = [(message, severity) for message, severity, _ in judged(billing, "set_aside")]
    shares = {name: hits / cases for name, (hits, cases) in wording_figures.figures(found).items()}
    assert shares["recall"] >= 0.95
    assert shares["precision"] >= 0.95
    assert shares["levels"] >= 0.70


@pytest.mark.parametrize("part", ["for_writing", "set_aside"])
def test_courtesy_is_never_a_demand(billing: Installation, part: str) -> None:
    found = judged(billing, part)
    assert [m["subject"] for m, severity, _ in found if int(m["severity"]) <= 1 < severity] == []


def test_a_decision_keeps_the_phrase_that_caused_it(billing: Installation) -> None:
    for part in ("for_writing", "set_aside"):
        for message, severity, phrase in judged(billing, part):
            assert (severity > 0) == (phrase is not None), message["subject"]


def ask(billing: Installation, *options: str) -> tuple[int, dict[str, Any]]:
    answer = billing.run("check-notice", *options, "--format", "json")
    return answer.returncode, json.loads(answer.stdout)


def codes(found: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in found["reasons"]]


def test_the_command_says_whether_a_notice_may_go_out(billing: Installation) -> None:
    code, found = ask(billing, "--invoice", "UTC-GOLD", "--kind", "suspension_warning")
    assert (code, found["verdict"]) == (4, "soften")
    assert codes(found) == ["tone_mismatch", "harder_than_guidance", "talk_first"]
    assert found["guidance"]["severity"] == 2 and found["guidance"]["channel"] == "call"
    assert found["notice"]["tone"] == "final" and found["notice"]["is_raised_by_wording"] is False
    # the last instant of the client's day comes before the data are 36 hours old
    assert (found["valid_until"], found["data"]["is_stale"]) == ("2024-03-21T00:00:00Z", False)
    facts = found["facts"]
    assert (facts["open_amount"], facts["days_past_due"], facts["known_invoices"]) == ("100.00", 20, 4)
    assert ask(billing, "--invoice", "UTC-GOLD", "--kind", "reminder")[0] == 0
    # spoken, an overdue notice is what guidance asks for
    assert ask(billing, "--invoice", "UTC-GOLD", "--kind", "dunning")[0] == 4
    assert ask(billing, "--invoice", "UTC-GOLD", "--kind", "dunning", "--channel", "phone")[0] == 0
    code, found = ask(billing, "--invoice", "M-DISPUTED", "--kind", "dunning")
    assert (code, found["guidance"]["channel"]) == (5, "hold")
    # nothing is owed of what was paid or voided
    for invoice_id in ("UTC-0", "M-VOID"):
        code, found = ask(billing, "--invoice", invoice_id, "--kind", "reminder")
        assert (code, codes(found), found["decides_team_id"]) == (5, ["nothing_owed"], "billing")
        assert ask(billing, "--invoice", invoice_id, "--kind", "statement")[0] == 0


def test_the_command_answers_with_these_keys(billing: Installation) -> None:
    for options in (("--invoice", "UTC-GOLD"), ("--invoice", "UTC-0"), ("--invoice", "'; drop table x; --")):
        _, found = ask(billing, *options, "--kind", "dunning")
        assert " ".join(found) == (
            "check_id verdict is_recorded reasons decides_team_id until_at valid_until notice guidance facts data"
        )
        assert all(list(reason) == ["code", "verdict", "decides_team_id", "until_at"] for reason in found["reasons"])
        assert {part: " ".join(found[part]) for part in ("notice", "guidance", "facts", "data")} == {
            "notice": "notice_kind channel send_at severity tone is_raised_by_wording wording_phrase",
            "guidance": "severity channel rule_id reason",
            "facts": "invoice_id invoice_number account_id due_on days_past_due open_amount currency known_invoices"
            " on_time_rate tenure_years is_demand_before_due is_tone_mismatch",
            "data": "version as_of age_hours limit_hours is_stale stalest_input",
        }


def test_the_command_judges_wording_as_the_run_did(billing: Installation) -> None:
    """Over one text each, the published SQL finds what the batch found."""
    from answerable.guard import wording

    folder = billing.home / "published" / "current"
    with duckdb.connect(str(folder / "guard.duckdb"), read_only=True) as guard:
        for message, severity, phrase in judged(billing, "for_writing")[::4]:
            expected = (severity, phrase if severity else None)
            assert wording.severity(guard, message["subject"], message["body"]) == expected, message["subject"]
    threat = "We will suspend your service unless payment arrives within 7 days"
    _, found = ask(billing, "--invoice", "UTC-GOLD", "--kind", "reminder", "--text", threat)
    assert found["notice"]["severity"] == 4 and found["notice"]["wording_phrase"] == "suspend*"
    # it is judged, and kept nowhere
    text = "suspend your service unless"
    kept = [path for path in billing.home.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]
    assert kept == []


def test_the_command_in_words(billing: Installation) -> None:
    answer = billing.run("check-notice", "--invoice", "UTC-GOLD", "--kind", "suspension_warning")
    lines = answer.stdout.splitlines()
    assert lines[0] == "Soften: it is too hard for a client who pays well"
    assert "Instead   at most an overdue notice, by phone" in lines and "Decides   billing" in lines
    assert len(lines) <= 12


def test_the_command_never_says_go_without_knowing(billing: Installation, tmp_path: Path) -> None:
    unknown, found = ask(billing, "--invoice", "'; drop table x; --", "--kind", "reminder")
    assert (unknown, codes(found), found["decides_team_id"]) == (6, ["invoice_unknown"], "billing")
    # past the days that the table holds, or of a day to come
    late = Installation(billing.home, billing.landing, as_of="2024-03-22T12:00:00Z")
    code, found = ask(late, "--invoice", "UTC-GOLD", "--kind", "reminder")
    assert (code, codes(found), found["data"]["is_stale"]) == (6, ["stale_data"], True)
    assert ask(late, "--invoice", "M-DISPUTED", "--kind", "dunning")[0] == 5, "a stale hold stays a hold"
    later = Installation(billing.home, billing.landing, as_of="2024-03-25T12:00:00Z")
    assert ask(later, "--invoice", "M-DISPUTED", "--kind", "dunning")[0] == 6
    nothing = Installation(tmp_path / "home", tmp_path)
    code, found = ask(nothing, "--invoice", "1", "--kind", "reminder")
    assert (code, codes(found)) == (6, ["nothing_published"])


def test_what_is_stale_is_named_before_the_guard_has_to(billing: Installation) -> None:
    from answerable.summary import held_invoices

    def doctor(as_of: str) -> tuple[int, str]:
        found = Installation(billing.home, billing.landing, as_of=as_of).run("doctor")
        return found.returncode, " ".join(found.stdout.split())

    code, said = doctor("2024-03-21T12:00:00Z")
    assert (code, "answers for 12 hours more" in said) == (0, True), said
    code, said = doctor("2024-03-22T12:00:00Z")
    assert (code, "says unknown: billing.invoices was last taken in at 2024-03-20" in said) == (1, True), said
    held = held_invoices(billing.home / "published" / "current" / "answerable.duckdb")
    [(open_count,)] = billing.rows("select count(distinct invoice_id) from marts.rpt_notice_guard")
    [(at_one,)] = billing.rows("select count(*) from marts.fct_invoice where is_disputed and is_open")
    assert held and held.startswith(f"{at_one} at severity 1, ") and held.endswith(f"of {open_count} open invoices")


@pytest.mark.parametrize(
    "options",
    [
        ("--invoice", "UTC-GOLD", "--number", "1", "--kind", "dunning"),
        ("--kind", "dunning"),
        ("--invoice", "UTC-GOLD", "--kind", "nonsense"),
        ("--invoice", "UTC-GOLD", "--kind", "dunning", "--send-at", "yesterday"),
        ("--invoice", "UTC-GOLD", "--kind", "dunning", "--send-at", "2024-03-20T12:00:00"),
        ("--invoice", "UTC-GOLD", "--kind", "dunning", "--send-at", "2024-03-19T12:00:00Z"),
        ("--invoice", "UTC-GOLD", "--kind", "dunning", "--send-at", "2024-03-23T12:00:00Z"),
        ("--invoice", "UTC\nGOLD", "--kind", "dunning"),
        ("--invoice", "UTC-GOLD", "--kind", "dunning", "--text", "a", "--text-file", "b"),
        ("--invoice", "UTC-GOLD", "--kind", "dunning", "--text", "a" * 50_001),
    ],
)
def test_a_wrong_question_is_wrong_usage(billing: Installation, options: tuple[str, ...]) -> None:
    answer = billing.run("check-notice", *options)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert len(answer.stderr.splitlines()) == 1


def test_the_command_says_what_the_table_says(billing: Installation) -> None:
    """Every open invoice, day and severity, by the door without a process of its own for each."""
    from answerable.guard.answers import Question, answer
    from answerable.settings import Settings

    kinds = {0: "statement", 1: "reminder", 2: "dunning", 4: "suspension_warning"}
    rows = billing.rows(
        """
        select invoice_id, severity, verdict, verdict_spoken, reasons, decides_team_id, until_at, time_zone, on_day
        from marts.rpt_notice_guard join marts.dim_account using (account_id) where severity in (0, 1, 2, 4)
        """
    )
    settings = Settings(home=billing.home, as_of=datetime.fromisoformat(AS_OF))
    asked = 0
    for invoice_id, severity, verdict, spoken, reasons, team, until_at, zone, on_day in rows:
        send_at = max(datetime.combine(on_day, dt_time(), ZoneInfo(zone)), settings.as_of)
        if send_at > settings.as_of + timedelta(hours=36):
            continue
        asked += 1
        question = Question(kinds[severity], invoice_id, send_at=send_at)
        found = answer(question, settings)
        assert (found["verdict"], ",".join(codes(found))) == (verdict, reasons), (invoice_id, on_day, severity)
        assert (found["decides_team_id"], found["until_at"]) == (team, until_at), (invoice_id, on_day, severity)
        spoken_question = Question(kinds[severity], invoice_id, channel="phone", send_at=send_at)
        assert answer(spoken_question, settings)["verdict"] == spoken
    assert asked > 100


def test_what_was_asked_meets_what_was_sent(billing: Installation, tmp_path: Path) -> None:
    home = billing.copy(tmp_path)
    home.landing = Path(shutil.copytree(billing.landing, tmp_path / "landing"))
    _, held = ask(home, "--invoice", "M-DISPUTED", "--kind", "dunning")
    _, own = ask(home, "--invoice", "UTC-GOLD", "--kind", "reminder", "--notice-id", "ASKED")
    _, lost = ask(home, "--invoice", "nowhere", "--kind", "reminder")
    assert held["is_recorded"] and own["is_recorded"] and lost["is_recorded"]
    files = list((home.home / "guard" / "checks").iterdir())
    assert files and {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    # a line twice, and one that its process did not finish
    with files[0].open("a", encoding="utf-8") as file:
        file.write(files[0].read_text(encoding="utf-8") + '{"check_id": "torn", "asked_at": "2024-')
    land(
        home,
        "billing.notices",
        [
            notice("SENT", "M-DISPUTED", "MIXED", "dunning", "2024-03-20T15:00:00Z"),
            notice("ASKED", "UTC-GOLD", "UTC", "suspension_warning", "2024-03-20T14:00:00Z"),
        ],
        "later.csv",
    )
    home.as_of = "2024-03-21T12:00:00Z"
    result = home.run("run")
    assert result.returncode == 0, result.stdout + result.stderr
    mine = [found["check_id"] for found in (held, own, lost)]
    checks = {
        row[0]: row[1:]
        for row in home.rows(
            "select check_id, client, verdict, outcome, sent_notice_id, hours_to_sent from marts.fct_notice_check"
        )
    }
    assert [checks[check_id] for check_id in mine] == [
        ("cli", "hold", "sent_despite_hold", "SENT", 3.0),
        ("cli", "go", "sent_harder", "ASKED", 2.0),
        ("cli", "unknown", "pending", None, None),
    ]
    assert "torn" not in checks
    assert home.rows(
        "select notice_id, check_id, was_checked from marts.fct_billing_notice"
        " where notice_id in ('ASKED', 'SENT', 'LATE-THREAT') order by 1"
    ) == [("ASKED", mine[1], True), ("LATE-THREAT", None, False), ("SENT", mine[0], True)]


def test_an_answer_that_is_not_written_down_says_so(billing: Installation, tmp_path: Path) -> None:
    home = billing.copy(tmp_path)
    shutil.rmtree(home.home / "guard", ignore_errors=True)
    (home.home / "guard").write_text("no folder", encoding="utf-8")
    code, found = ask(home, "--invoice", "UTC-GOLD", "--kind", "reminder")
    assert (code, found["verdict"], found["is_recorded"]) == (0, "go", False)


def test_what_becomes_known_later_changes_no_earlier_record(billing: Installation, tmp_path: Path) -> None:
    builder = Builder(tmp_path)
    builder.settings.home.mkdir()
    shutil.copy(billing.home / "warehouse.duckdb", builder.settings.warehouse)
    shutil.copytree(billing.landing, builder.settings.landing)
    shutil.copytree(DEFAULT_PROGRAMME, tmp_path / "programme")
    known = "select known_invoices, on_time_rate, mean_days_late from marts.fct_billing_notice where notice_id = ?"
    others = known.replace("= ?", "<> 'K-NOTICE' order by notice_id")

    def rows(sql: str, *parameters: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(builder.settings.warehouse), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    def pay(*payments: Row) -> None:
        builder.land({"billing.payments": list(payments)})
        builder.build({}, AS_OF, "--select", "+fct_billing_notice", "fct_invoice")

    # K-EARLY on time, K-LATE five days late by then
    assert rows(known, "K-NOTICE") == [(2, 0.5, 2.5)]
    before = rows(others)
    later = {"updated_at": "2024-03-19T00:00:00Z"}
    pay(
        payment("K-P4", "K-OWN", "2024-03-01T12:00:00Z", **later),
        payment("G-P9", "UTC-GOLD", "2024-03-18T12:00:00Z", **later),
        payment("L-P9", "LATE-GOLD", "2024-03-18T12:00:00Z", **later),
        # a correction between two days after the notice
        payment("K-P2", "K-LATE", "2024-02-14T12:00:00Z", **later),
    )
    assert rows("select invoice_id from marts.fct_invoice where invoice_id = 'K-OWN' and not is_open") == [("K-OWN",)]
    assert rows(known, "K-NOTICE") == [(2, 0.5, 2.5)]
    assert rows(others) == before
    # a correction that says it was paid before the notice, and on time, is what was true then
    pay(payment("K-P2", "K-LATE", "2024-02-04T12:00:00Z", updated_at="2024-03-20T00:00:00Z"))
    assert rows(known, "K-NOTICE") == [(2, 1.0, 0.0)]


class Server:
    """`answerable guard` on a port of its own, and one caller with a token."""

    def __init__(self, home: Installation, folder: Path) -> None:
        made = home.run("guard", "--new-token", "caller")
        assert made.returncode == 0, made.stderr
        self.token = made.stdout.strip()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = folder / "guard.log"
        with self.log.open("wb") as log:
            command = [str(COMMAND), "guard", "--port", str(self.port)]
            self.process = subprocess.Popen(command, env=home.environment(), stdout=log, stderr=log)
        for _ in range(300):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with closing(connection):
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def post(self, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
        usual = {"Authorization": f"Bearer {self.token}", "Content_Type": "application/json"}
        return self.call("POST", "/v1/checks", body, **{**usual, **headers})

    def ask(self, **question: str) -> dict[str, Any]:
        status, found = self.post(json.dumps(question).encode())
        assert status == 200, found
        return found


@contextmanager
def serving(billing: Installation, folder: Path, as_of: str = AS_OF) -> Iterator[tuple[Server, Installation]]:
    home = billing.copy(folder)
    home.as_of = as_of
    server = Server(home, folder)
    try:
        yield server, home
    finally:
        server.process.terminate()
        server.process.wait(30)


@pytest.fixture(scope="module")
def guard(billing: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Installation]]:
    with serving(billing, tmp_path_factory.mktemp("guard")) as served:
        yield served


def test_http_says_what_the_command_says(guard: tuple[Server, Installation]) -> None:
    server, home = guard
    asked = [("UTC-GOLD", "suspension_warning"), ("UTC-GOLD", "reminder"), ("M-DISPUTED", "dunning")]
    asked += [("UTC-0", "reminder"), ("'; drop table x; --", "dunning")]
    for invoice_id, kind in asked:
        _, said = ask(home, "--invoice", invoice_id, "--kind", kind)
        found = server.ask(invoice_id=invoice_id, notice_kind=kind)
        assert list(found) == list(said)
        assert {**found, "check_id": ""} == {**said, "check_id": ""}
        assert found["is_recorded"]
        [line] = [one for one in recorded_lines(home) if one["check_id"] == found["check_id"]]
        assert (line["client"], line["verdict"]) == ("caller", found["verdict"])
    _, described = server.call("GET", "/v1/openapi.json")
    answers = described["paths"]["/v1/checks"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answers["properties"].keys() == found.keys()
    for part in ("notice", "guidance", "facts", "data"):
        assert answers["properties"][part]["properties"].keys() == found[part].keys(), part


def recorded_lines(home: Installation) -> list[dict[str, Any]]:
    files = (home.home / "guard" / "checks").glob("*.jsonl")
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


QUESTION = b'{"invoice_id": "UTC-GOLD", "notice_kind": "reminder"}'


@pytest.mark.parametrize(
    ("body", "headers", "status", "field"),
    [
        (QUESTION, {"Authorization": ""}, 401, "Authorization"),
        (QUESTION, {"Authorization": "Bearer wrong"}, 401, "Authorization"),
        (QUESTION, {"Host": "evil.example"}, 400, "Host"),
        (QUESTION, {"Content_Type": "text/plain"}, 415, "Content-Type"),
        (b" " * 1_000_000, {}, 413, None),
        (b"[" * 100_000, {}, 400, None),
        (b'{"invoice_id": ' + b"[" * 11 + b"]" * 11 + b', "notice_kind": "reminder"}', {}, 400, "invoice_id"),
        (b'{"notice_kind": "reminder", "notice_kind": "statement"}', {}, 400, "notice_kind"),
        (b'{"invoice_id": NaN, "notice_kind": "reminder"}', {}, 400, None),
        (b'{"invoice_id": "A", "notice_kind": "reminder", "colour": "red"}', {}, 400, "colour"),
        (b'{"invoice_id": "A\\u0000B", "notice_kind": "reminder"}', {}, 400, "invoice_id"),
        (b'{"invoice_id": "A\\ud800", "notice_kind": "reminder"}', {}, 400, "invoice_id"),
        (b'{"invoice_id": "A", "notice_kind": "reminder", "body": "\\udfff"}', {}, 400, "body"),
        (b'{"invoice_id": "A", "notice_kind": "reminder", "notice_id": "a\\nb"}', {}, 400, "notice_id"),
        (b'{"invoice_id": "A", "notice_kind": "reminder", "send_at": "soon"}', {}, 400, "send_at"),
        (b'{"invoice_id": "A", "invoice_number": "1", "notice_kind": "reminder"}', {}, 400, "invoice_id"),
        (b'{"invoice_id": "A"}', {}, 400, "notice_kind"),
        (b"[]", {}, 400, None),
        (b"\xff", {}, 400, None),
        (b"", {}, 400, None),
    ],
)
def test_http_refuses_in_one_line(
    guard: tuple[Server, Installation], body: bytes, headers: dict[str, str], status: int, field: str | None
) -> None:
    found, said = guard[0].post(body, **headers)
    assert (found, list(said), list(said["error"])) == (status, ["error"], ["code", "message", "field"])
    assert said["error"]["field"] == field
    assert len(said["error"]["message"].splitlines()) == 1


def test_http_has_three_paths(guard: tuple[Server, Installation]) -> None:
    for method, path, status in (("GET", "/v1/checks", 405), ("POST", "/v1/health", 405), ("GET", "/", 404)):
        found, said = guard[0].call(method, path)
        assert (found, list(said)) == (status, ["error"])


def test_http_keeps_no_text(guard: tuple[Server, Installation]) -> None:
    server, home = guard
    found = server.ask(
        invoice_id="UTC-GOLD",
        notice_kind="reminder",
        subject="Planted Subject",
        body="Planted: we will suspend your service unless payment arrives",
    )
    assert (found["notice"]["severity"], found["notice"]["wording_phrase"]) == (4, "suspend*")
    server.post(b'{"invoice_id": "A", "notice_kind": "Planted kind", "body": "Planted wrong"}')
    kept = [path for path in (*home.home.rglob("*"), server.log) if path.is_file() and b"Planted" in path.read_bytes()]
    assert kept == []
    log = server.log.read_text()
    assert re.search(rf"^POST 200 [\d.]+ caller {found['check_id']}$", log, re.MULTILINE), log
    assert server.token not in log and server.token.encode() not in (home.home / "guard" / "tokens").read_bytes()


def test_http_knows_a_token_as_long_as_its_line_stands(guard: tuple[Server, Installation]) -> None:
    server, home = guard
    tokens = home.home / "guard" / "tokens"
    assert stat.S_IMODE(tokens.stat().st_mode) == 0o600
    second = home.run("guard", "--new-token", "second").stdout.strip()
    assert server.post(QUESTION, Authorization=f"Bearer {second}")[0] == 200
    assert home.run("guard", "--new-token", "second").returncode == 2
    assert home.run("guard", "--new-token", "cli").returncode == 2
    tokens.write_text(tokens.read_text().splitlines()[0] + "\n")
    assert server.post(QUESTION, Authorization=f"Bearer {second}")[0] == 401
    assert server.post(QUESTION)[0] == 200


def test_the_guard_starts_for_nobody(tmp_path: Path) -> None:
    answer = Installation(tmp_path / "home", tmp_path).run("guard")
    assert answer.returncode == 2 and "--new-token" in answer.stderr


def test_health_says_whether_it_can_answer_and_record(billing: Installation, tmp_path: Path) -> None:
    with serving(billing, tmp_path) as (server, home):
        status, found = server.call("GET", "/v1/health")
        assert (status, found["is_stale"]) == (200, False)
        assert found.keys() == {"version", "as_of", "age_hours", "is_stale"}
        assert set(found["age_hours"]) >= {"billing.invoices", "billing.payments"}
        checks = home.home / "guard" / "checks"
        shutil.rmtree(checks, ignore_errors=True)
        checks.write_text("in the way")
        assert server.ask(invoice_id="UTC-GOLD", notice_kind="reminder")["is_recorded"] is False
        status, found = server.call("GET", "/v1/health")
        assert (status, found["is_stale"]) == (503, False)
        # a version that goes away is no version
        checks.unlink()
        (home.home / "published" / "current").unlink()
        assert codes(server.ask(invoice_id="UTC-GOLD", notice_kind="reminder")) == ["nothing_published"]
        status, found = server.call("GET", "/v1/health")
        assert (status, found["version"]) == (503, None)


def test_health_of_old_data_is_no_health(billing: Installation, tmp_path: Path) -> None:
    with serving(billing, tmp_path, "2024-03-22T12:00:00Z") as (server, _):
        status, found = server.call("GET", "/v1/health")
        assert (status, found["is_stale"]) == (503, True)
        assert server.ask(invoice_id="UTC-GOLD", notice_kind="reminder")["verdict"] == "unknown"
