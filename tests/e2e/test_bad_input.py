"""What bad input gets, row by row of the contract's table, through the command a user types.

One installation loads rows that break their contract and a file that landed twice, then lives through two runs: files
that can't be read (3), a batch of which too much is bad (1). Each test looks at one row of the table.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass, replace

import pytest
from building import KEY
from conftest import Installation

from ingest import load

ACCOUNTS = "account_id,account_name,annual_value,customer_since,updated_at\n"
STAMP = "2025-01-02T00:00:00Z"

Run = subprocess.CompletedProcess[str]


@dataclass
class Life:
    installation: Installation
    bad_files: Run
    bad_batch: Run
    served_before_bad_batch: str


@pytest.fixture(scope="module")
def life(worked_example: Installation, tmp_path_factory: pytest.TempPathFactory) -> Life:
    folder = tmp_path_factory.mktemp("bad_input")
    shutil.copytree(worked_example.landing, folder / "landing")
    installation = replace(worked_example.copy(folder), landing=folder / "landing")
    land_bad_rows(installation)
    load.load(installation.home / "warehouse.duckdb", installation.landing, installation.home, hmac_key=KEY)
    land_bad_files(installation)
    bad_files = installation.run("run")
    served = str((installation.home / "published" / "current").resolve())
    land_bad_batch(installation)
    return Life(installation, bad_files, installation.run("run"), served)


def land_bad_rows(installation: Installation) -> None:
    installation.land(
        "crm.accounts",
        ACCOUNTS
        + f"GOOD-1,Good,10.00,2020-01-01,{STAMP}\n"
        + f"BAD-DATE,Bad,10.00,2020-02-30,{STAMP}\n"
        + f"BAD-NAME,,10.00,2020-01-01,{STAMP}\n"
        + f",No key,10.00,2020-01-01,{STAMP}\n"
        + f"unknown,Reserved,10.00,2020-01-01,{STAMP}\n"
        + f"WIDE,Wide,10.00,2020-01-01,{STAMP},one too many\n"
        + f"GOOD-2,NULL,10.00,2020-01-01,{STAMP}\n"
        + "".join(f"GOOD-{i},Good,10.00,2020-01-01,{STAMP}\n" for i in range(3, 6)),
        "bad_rows.csv",
    )
    installation.land(
        "survey.answers",
        "response_id,question_id,score,text,updated_at\n"
        "R01,LTR,11,,2025-06-01T00:00:00Z\n"
        "R02,LTR,7.5,,2025-06-01T00:00:00Z\n"
        "R03,LTR,,,2025-06-01T00:00:00Z\n"
        "R13,LTR,2.5,,2025-06-01T00:00:00Z\n",
        "off_scale.csv",
    )
    installation.land(
        "survey.responses",
        "response_id,survey_id,account_id,contact_id,submitted_at,updated_at\n"
        "R13,REL,A5,A5-user-1,2025-03-25T12:00:00Z,2025-03-25T12:00:00Z\n",
        "off_scale.csv",
    )
    twice = ACCOUNTS + f"TWICE,Twice,1.00,2020-01-01,{STAMP}\n"
    installation.land("crm.accounts", twice, "twice.csv")
    installation.land("crm.accounts", twice, "twice_again.csv")
    good = {"site_id": "S1", "account_id": "A1", "site_name": "One", "updated_at": STAMP}
    installation.land(
        "crm.sites",
        "\ufeff" + json.dumps(good) + "\r\n" + "{not json}\r\n" + json.dumps(good | {"site_id": "S2"}) + "\r\n",
        "sites.jsonl",
    )
    installation.land(
        "crm.products",
        f'\ufeffproduct_id,product_name,updated_at\r\nP1,"Two\r\nlines, one record",{STAMP}\r\n',
        "bom.csv",
    )


def land_bad_files(installation: Installation) -> None:
    installation.land("crm.accounts", ACCOUNTS + f"BAD-DATE,Mended,10.00,2020-02-28,{STAMP}\n", "mended.csv")
    installation.land("crm.accounts", ACCOUNTS + f"NEIGHBOUR,Neighbour,1.00,2020-01-01,{STAMP}\n", "neighbour.csv")
    installation.land("crm.accounts", b"PAR1 and then nothing", "truncated.parquet")
    latin1 = ACCOUNTS + f"L1,Café,1.00,2020-01-01,{STAMP}\n"
    installation.land("crm.accounts", latin1.encode("latin-1"), "latin1.csv")
    installation.land("crm.accounts", b"", "empty.csv")
    installation.land("crm.accounts", f"account_id,updated_at\nX1,{STAMP}\n", "no_name.csv")
    installation.land("crm.accounts", ACCOUNTS + f'Q1,"never closed,1.00,2020-01-01,{STAMP}\n', "quote.csv")
    doubled = f"account_id,account_id,account_name,updated_at\nX1,X1,X,{STAMP}\n"
    installation.land("crm.accounts", doubled, "doubled.csv")
    installation.land("crm.accounts", ACCOUNTS + f"N\0UL,Nul,1.00,2020-01-01,{STAMP}\n", "nul.csv")


def land_bad_batch(installation: Installation) -> None:
    rows = [f"B{i},Account,1.00,{'2020-01-01' if i % 4 else '01/01/2020'},{STAMP}\n" for i in range(100)]
    installation.land("crm.accounts", ACCOUNTS + "".join(rows), "batch.csv")
    installation.land("crm.products", f"product_id,product_name,updated_at\nP2,Other entity,{STAMP}\n", "other.csv")


def quarantined(life: Life, file: str) -> dict[int, tuple[dict[str, str], str]]:
    rows = life.installation.raw_rows(
        "select row_number, record, array_to_string(reasons, '; ') from quarantine.records where file = ?", file
    )
    return {number: (json.loads(record), reasons) for number, record, reasons in rows}


def loaded(life: Life, table: str, key: str) -> set[str]:
    return {row[0] for row in life.installation.raw_rows(f"select {key} from raw.{table}")}


def test_a_bad_row_is_quarantined_with_every_reason(life: Life) -> None:
    bad = quarantined(life, "crm/accounts/bad_rows.csv")
    assert bad.keys() == {2, 3, 4, 5, 6}
    assert bad[2][0]["account_id"] == "BAD-DATE"
    assert "customer_since" in bad[2][1] and "2020-02-30" in bad[2][1]
    assert "account_name" in bad[3][1]
    assert "account_id" in bad[4][1]
    assert "account_id" in bad[5][1] and "unknown" in bad[5][1]
    assert "line" in bad[6][0] and "one too many" in bad[6][0]["line"]
    assert {"GOOD-1", "GOOD-2"} <= loaded(life, "crm_accounts", "account_id")
    names = dict(life.installation.rows("select account_id, account_name from marts.dim_account"))
    assert names["GOOD-2"] == "NULL"


def test_bad_rows_alone_are_no_failure(demo: Installation) -> None:
    """The demo has some: `make demo`, which ended with 0, told of them."""
    assert re.search(r"quarantined [1-9]", (demo.home.parent / "printed.txt").read_text(encoding="utf-8"))


def test_a_json_line_that_does_not_parse_is_a_bad_row(life: Life) -> None:
    bad = quarantined(life, "crm/sites/sites.jsonl")
    assert list(bad) == [2]
    assert bad[2][0] == {"line": "{not json}"}
    assert {"S1", "S2"} <= loaded(life, "crm_sites", "site_id")


def test_a_score_off_its_scale_is_quarantined_and_never_a_detractor(life: Life) -> None:
    """Newer than a good score it leaves that one standing; alone it is none."""
    bad = quarantined(life, "survey/answers/off_scale.csv")
    assert bad.keys() == {1, 2, 3, 4}
    assert "11" in bad[1][1] and "7.5" in bad[2][1]
    scores = dict(life.installation.rows("select response_id, nps_score from marts.fct_survey_response"))
    assert [scores[name] for name in ("R01", "R02", "R03", "R13")] == [9, 10, 8, None]
    assert scores["R04"] == 6
    [(detractors,)] = life.installation.rows(
        "select count(*) from marts.rpt_nps_lineage where period_grain = 'quarter' and weighting = 'none' and y = -1"
    )
    assert detractors == 4


def test_marks_of_the_file_system_are_fine(life: Life) -> None:
    """A byte order mark, CRLF and quoted line breaks."""
    names = dict(life.installation.rows("select product_id, product_name from marts.dim_product"))
    assert names["P1"] == "Two\r\nlines, one record"


def test_a_file_that_landed_twice_is_loaded_once(life: Life) -> None:
    ledger = dict(
        life.installation.raw_rows(
            "select file, (status, rows_read) from raw.load_ledger where file like 'crm/accounts/twice%'"
        )
    )
    assert sorted(ledger.values()) == [("duplicate", 0), ("loaded", 1)]
    assert len(life.installation.raw_rows("select 1 from raw.crm_accounts where account_id = 'TWICE'")) == 1


def test_a_corrected_row_resolves_the_bad_one(life: Life) -> None:
    states = dict(
        life.installation.raw_rows(
            "select row_number, resolved_at is not null from quarantine.records where file = ?",
            "crm/accounts/bad_rows.csv",
        )
    )
    assert states == {2: True, 3: False, 4: False, 5: False, 6: False}
    assert "BAD-DATE" in loaded(life, "crm_accounts", "account_id")


@pytest.mark.parametrize(
    ("file", "cause"),
    [
        ("truncated.parquet", "arquet"),
        ("latin1.csv", "UTF-8"),
        ("empty.csv", "no header"),
        ("no_name.csv", "account_name"),
        ("quote.csv", "quote"),
        ("doubled.csv", "account_id"),
        ("nul.csv", "NUL"),
    ],
)
def test_a_file_that_cannot_be_read_is_rejected_by_name(life: Life, file: str, cause: str) -> None:
    assert life.bad_files.returncode == 3, life.bad_files.stdout + life.bad_files.stderr
    [line] = [line for line in life.bad_files.stdout.splitlines() if file in line]
    assert cause in line
    [(status, reason)] = life.installation.raw_rows(
        "select status, reason from raw.load_ledger where file = ?", f"crm/accounts/{file}"
    )
    assert status == "rejected" and cause in reason
    assert "NEIGHBOUR" in loaded(life, "crm_accounts", "account_id")


def test_a_batch_with_too_many_bad_rows_stops_the_run(life: Life) -> None:
    assert life.bad_batch.returncode == 1
    reason = life.bad_batch.stdout.strip().splitlines()[-1]
    assert "crm.accounts" in reason and "25 of 100" in reason and "customer_since" in reason
    assert "B1" not in loaded(life, "crm_accounts", "account_id")
    assert "P2" in loaded(life, "crm_products", "product_id")
    assert str((life.installation.home / "published" / "current").resolve()) == life.served_before_bad_batch
    assert ("P2",) not in life.installation.rows("select product_id from marts.dim_product")


def test_every_row_is_accounted_for(life: Life) -> None:
    rows = life.installation.raw_rows("select file, rows_read, rows_loaded, rows_quarantined from raw.load_ledger")
    assert rows
    for file, read, good, bad in rows:
        assert read == good + bad, file
