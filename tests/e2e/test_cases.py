"""What real files taught: the cases of `fixtures/cases`, laid over the worked example, and what each has to come to.

Those that don't get in each other's way land together, in a home whose path has every odd character, and are looked at
twice: with the clock at 25 March and, after a second run, at 1 April. A third run loses an account, a fourth accepts
that.
"""

from __future__ import annotations

import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import TESTS, WORKED_EXAMPLE, Installation

CASES = TESTS / "fixtures" / "cases"
TOGETHER = (
    "billing_what_is_not_owed",
    "files_nobody_reads",
    "header_almost_right",
    "instants_after_the_clock",
    "messages_that_do_not_help",
    "nps_on_another_scale",
    "null_written_as_text",
    "parents_in_a_circle",
    "year_one_and_year_9999",
)
ODD = "h o'm\"e [1] é 日本 %41 #x *y ;z"
MARCH, APRIL, MAY = (f"2025-{day}T00:00:00Z" for day in ("03-25", "04-01", "05-01"))

Run = subprocess.CompletedProcess[str]
Rows = list[tuple[Any, ...]]


def lay(case: str, landing: Path, prefix: str = "") -> None:
    """Copy the files of a case into a landing zone, under names that no other case has."""
    for file in sorted((CASES / case / "landing").rglob("*")):
        if file.is_file():
            to = landing / file.relative_to(CASES / case / "landing")
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, to.with_name(prefix + to.name))


@dataclass
class Told:
    """What a run printed, and what the version it served answers to a query."""

    run: Run
    version: Path
    installation: Installation

    def rows(self, sql: str) -> Rows:
        import duckdb

        with duckdb.connect(str(self.version / "answerable.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def issues(self, rule: str) -> list[str]:
        return sorted(key for (key,) in self.rows(f"select key from marts.data_quality_issues where rule = '{rule}'"))

    def headlines(self) -> dict[str, tuple[float, int]]:
        return {
            weighting: (round(score, 4), count)
            for weighting, score, count in self.rows(
                "select weighting, score, response_count from marts.rpt_nps where level = 'relationship' "
                "and split = 'total' and period_grain = 'quarter'"
            )
        }


def told(installation: Installation, run: Run) -> Told:
    return Told(run, (installation.home / "published" / "current").resolve(), installation)


@pytest.fixture(scope="module")
def march(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("cases")
    landing = folder / f"landing?{ODD}"
    shutil.copytree(WORKED_EXAMPLE / "landing", landing)
    for case in TOGETHER:
        lay(case, landing, f"{case}.")
    name, target = (CASES / "files_nobody_reads" / "link").read_text().split()
    (landing / name).symlink_to(CASES / "files_nobody_reads" / target)
    installation = Installation(folder / ODD, landing, WORKED_EXAMPLE / "programme", as_of=MARCH)
    installation.settings["ANSWERABLE_KEEP_VERSIONS"] = "9"
    run = installation.run("run")
    assert run.returncode == 3, run.stdout + run.stderr
    yield told(installation, run)


@pytest.fixture(scope="module")
def april(march: Told) -> Told:
    march.installation.as_of = APRIL
    run = march.installation.run("run")
    assert run.returncode == 3, run.stdout + run.stderr
    return told(march.installation, run)


def test_what_nobody_reads_is_ignored_by_name_and_counted(march: Told) -> None:
    loaded = {"f-upper", "f-case"}
    assert {
        account for (account,) in march.rows("select account_id from marts.dim_account where account_id like 'f-%'")
    } == loaded
    ignored = dict(march.installation.raw_rows("select file, reason from raw.load_ledger where status = 'ignored'"))
    names = (
        "account/{}a.csv",
        "{}accounts.csv",
        "accounts/{}export.json",
        "accounts/{}export.ndjson",
        "accounts/{}export.tsv",
    )
    assert ignored.keys() == {f"crm/{name.format('files_nobody_reads.')}" for name in names} | {"crm/accounts/linked"}
    assert "ignored 6" in march.run.stdout
    status = march.installation.run("status").stdout
    assert "6 files that no contract reads" in status and "crm/accounts/linked" in status


def test_headers_match_whatever_their_case_and_blanks(march: Told) -> None:
    assert march.rows("select account_id from marts.dim_account where account_id in ('N1', 'N2', 'N3')") == []


def test_a_file_that_says_little_gets_a_line_that_says_what_to_do(march: Told, tmp_path: Path) -> None:
    lines = {
        line.split(": ")[0].split(".", 1)[1]: line
        for line in march.run.stdout.splitlines()
        if line.startswith("rejected")
    }
    remedies = {
        "semicolon.csv (crm.accounts)": "save it with commas",
        "sep.csv (crm.accounts)": "remove that line",
        "utf16.csv (crm.accounts)": "save it as UTF-8",
        "zipped.csv (crm.accounts)": "name it so that it ends in .gz",
    }
    assert lines.keys() == remedies.keys()
    for file, remedy in remedies.items():
        assert lines[file].endswith(remedy)
    accounts = {row[0] for row in march.rows("select account_id from marts.dim_account where account_id like 'e%'")}
    assert accounts == {"e5", "e6"}
    programme = tmp_path / "programme"
    shutil.copytree(WORKED_EXAMPLE / "programme", programme)
    comma = CASES / "messages_that_do_not_help" / "programme" / "role_weights.csv.comma"
    shutil.copy(comma, programme / "role_weights.csv")
    wrong = Installation(tmp_path / "home", march.installation.landing, programme).run("run")
    assert wrong.returncode == 1
    assert "role_weights.csv row 1, column weight: '0,5' is not a number" in wrong.stdout.splitlines()[-1]


def test_a_landing_zone_that_is_no_folder_is_one_line_and_exit_2(tmp_path: Path) -> None:
    wrong = Installation(tmp_path / "home", tmp_path / "landing").run("run")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert len(wrong.stderr.splitlines()) == 1 and "does not exist" in wrong.stderr


def test_null_is_a_text_and_nan_is_none(march: Told) -> None:
    # The example's own version of an account is as new: the greater hash speaks.
    assert set(march.issues("merged_into_nobody")) <= {f"A{i}" for i in range(1, 8)}
    assert march.issues("merged_into_nobody")
    found = march.rows("select account_id, parent_account_id from marts.dim_account where account_id in ('A1', 'M1')")
    assert sorted(found) == [("A1", None), ("M1", None)]
    assert march.headlines()["value"] == (27.9241, 12)


def test_parents_in_a_circle_are_each_their_own_root(march: Told) -> None:
    sql = (
        "select account_id, ultimate_parent_account_id, hierarchy_depth from marts.dim_account "
        "where account_id in ('C1', 'C2', 'C3', 'S') order by 1"
    )
    assert march.rows(sql) == [("C1", "C1", 0), ("C2", "C2", 0), ("C3", "C1", 1), ("S", "S", 0)]
    assert march.issues("parent_cycle") == ["C1", "C2", "S"]


def test_a_recommendation_is_asked_on_0_to_10(march: Told) -> None:
    reasons = march.installation.raw_rows("select reasons from quarantine.records where entity = 'questions'")
    assert reasons == [(["metric: nps is asked on 0 to 10, not reversed"],)] * 2
    assert march.rows("select 1 from marts.rpt_nps where level <> 'relationship'") == []
    waiting = march.issues("waiting_for_question")
    assert {key.split()[0] for key in waiting} >= {f"{letter}{i}" for letter in "FV" for i in range(1, 7)}


def test_nothing_happens_in_the_year_1_or_9999(march: Told) -> None:
    reasons = [
        reason
        for (reasons,) in march.installation.raw_rows(
            "select reasons from quarantine.records where file like '%year_one%'"
        )
        for reason in reasons
    ]
    assert sorted(reason.split(":")[0] for reason in reasons) == ["due_on", "submitted_at"]
    assert march.rows("select min(period_start)::varchar from marts.rpt_nps where period_grain = 'month'") == [
        ("2025-03-01",)
    ]
    [(first, last)] = march.rows("select year(min(date_day)), year(max(date_day)) from marts.dim_date")
    assert (first, last) == (2025, 2025)
    import pandas as pd

    assert len(pd.read_parquet(march.version / "parquet" / "dim_date.parquet"))


def test_what_is_after_the_clock_is_in_no_mart_until_it_has_happened(march: Told, april: Told) -> None:
    assert march.issues("after_the_clock") == ["F2", "FR"]
    assert march.rows("select 1 from marts.fct_interaction where interaction_id = 'F2'") == []
    assert march.rows("select 1 from marts.fct_survey_response where response_id = 'FR'") == []
    assert march.rows("select 1 from marts.fct_journey_stage where duration_seconds > 1e8") == []
    assert {weighting: n for weighting, (_, n) in march.headlines().items()} == {"value": 12, "account": 12, "none": 12}
    assert april.headlines()["value"][1] == 13
    open_now = "select key from marts.data_quality_issues where rule = 'after_the_clock' and resolved_at is null"
    assert april.rows(open_now) == [("F2",)]


def test_what_is_owed_is_what_is_invoiced_less_what_came_in(march: Told) -> None:
    hundred, nothing = Decimal("100.00"), Decimal("0.00")
    found = march.rows("select invoice_id, paid_on, is_open, open_amount from marts.fct_invoice")
    assert {invoice: (paid_on, is_open, owed) for invoice, paid_on, is_open, owed in found if invoice != "I8"} == {
        "I1": (None, True, hundred),
        "I4": (None, False, -hundred),
        "I5": (None, True, hundred),
        "I6": (None, True, hundred),
        "I9a": (None, True, hundred),
        "I9b": (None, True, hundred),
        "I11": (None, True, 2 * hundred),
    }
    assert march.rows("select open_amount from marts.fct_invoice where invoice_id = 'I8'") == [(nothing,)]
    assert march.rows("select due_on::varchar, days_late from marts.fct_invoice where invoice_id = 'I6'") == [
        ("2025-02-10", 43)
    ]
    guidance = {
        invoice: (channel, reason)
        for invoice, channel, reason in march.rows(
            "select invoice_id, recommended_channel, recommended_reason from marts.rpt_collections_guidance"
        )
    }
    assert guidance["I5"] == ("hold", "The account owes nothing net in EUR")
    assert guidance["I9a"] == guidance["I9b"] == ("hold", "The invoice number is open twice")
    assert guidance["I1"][0] != "hold"
    owed = march.rows(
        "select account_id, open_amount, open_count from marts.rpt_payment_behaviour where is_current order by 1"
    )
    assert owed == [("A1", 6 * hundred, 5), ("A2", nothing, 1)]
    rules = ("due_before_issue", "paid_though_voided", "refunded_more_than_paid", "overpaid")
    assert [march.issues(rule) for rule in rules] == [["I6"], ["I8"], ["I11"], []]


def test_a_home_of_any_name_is_the_owners_alone(march: Told) -> None:
    home = march.installation.home
    below = [home, *(path for path in home.rglob("*") if not path.is_symlink())]
    assert [str(path) for path in below if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert (home / "dagster" / "history" / "runs.db").exists()
    assert "elemetry" not in march.run.stdout + march.run.stderr
    (home / "published" / "open").touch(0o644)
    (home / "published" / "open").chmod(0o644)
    doctor = march.installation.run("doctor").stdout.replace("\n", "")
    (home / "published" / "open").unlink()
    assert "others can read" in doctor


def test_a_version_that_lost_its_point_is_not_published(april: Told) -> None:
    installation = april.installation
    gone = "account_id,account_name,is_deleted,updated_at\nA1,gone,true,2025-04-30T00:00:00Z\n"
    installation.land("crm.accounts", gone, "gone.csv")
    installation.as_of = MAY
    refused = installation.run("run")
    assert refused.returncode == 1
    line = refused.stdout.strip().splitlines()[-1]
    assert line.startswith("not published: ") and "(deletion)" in line and "--accept-restatement" in line
    assert "relationship, month from 2025-03-01" in line
    assert (installation.home / "published" / "current").resolve() == april.version
    accepted = installation.run("run", "--accept-restatement")
    assert accepted.returncode == 3, accepted.stdout + accepted.stderr
    assert (installation.home / "published" / "current").resolve() != april.version
