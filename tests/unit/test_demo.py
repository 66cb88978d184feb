"""The demo data: the same bytes for the same arguments, every entity of the contract, every pattern and kind of dirt.

Belongs here: what can be seen in the landed files with simple SQL. Does not: loading them (integration, e2e).
"""

from __future__ import annotations

import csv
import filecmp
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from answerable.demo import DEMO_END, generate
from answerable.demo.dirt import SHEETS

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds" / "programme"

COMMON = {"is_deleted", "updated_at"}
COLUMNS = {
    "crm.accounts": "account_id account_name parent_account_id account_type segment industry region country time_zone "
    "currency annual_value customer_since status renewal_on churned_on owner_email merged_into_account_id",
    "crm.sites": "site_id account_id site_name country time_zone",
    "crm.products": "product_id product_name product_line",
    "crm.subscriptions": "subscription_id account_id site_id product_id started_on ended_on annual_value renewal_on",
    "crm.contacts": "contact_id account_id site_id full_name email phone language preferred_channel is_active "
    "has_opted_out merged_into_contact_id",
    "crm.contact_roles": "contact_id account_id role product_id valid_from valid_to",
    "crm.interactions": "interaction_id account_id contact_id site_id product_id touchpoint channel direction "
    "occurred_at handled_by_team journey_id outcome effort_minutes is_internal body",
    "billing.invoices": "invoice_id account_id site_id invoice_number issued_on due_on amount currency is_disputed "
    "promised_on collection voided_on",
    "billing.payments": "payment_id invoice_id paid_at amount kind method",
    "billing.notices": "notice_id invoice_id account_id contact_id notice_kind channel sent_at sent_by_team subject "
    "body",
    "survey.surveys": "survey_id survey_name level",
    "survey.questions": "survey_id question_id question_text metric measure scale_min scale_max is_reversed",
    "survey.invitations": "invitation_id survey_id account_id contact_id channel sent_at disposition attempts "
    "interaction_id journey_id",
    "survey.responses": "response_id survey_id invitation_id account_id contact_id channel started_at submitted_at "
    "language interaction_id journey_id",
    "survey.answers": "response_id question_id score text",
    "survey.follow_ups": "follow_up_id response_id team_id opened_at acknowledged_at contacted_at closed_at "
    "resolution notes",
}
KEYS = {
    "crm.contact_roles": "contact_id, account_id, role, valid_from",
    "survey.questions": "survey_id, question_id",
    "survey.answers": "response_id, question_id",
}
READERS = {"csv": "read_csv('{}', all_varchar = true)", "jsonl": "read_json('{}')", "parquet": "read_parquet('{}')"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    out = tmp_path_factory.mktemp("demo") / "landing"
    return out, generate(out)


@pytest.fixture(scope="module")
def landed(demo: tuple[Path, dict[str, int]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Schema `landed`: each entity's regular files, row by row; schema `latest`: the surviving records."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'; create schema landed; create schema latest")
    for entity in COLUMNS:
        name = entity.split(".")[1]
        files = sorted(f for f in (demo[0] / entity.replace(".", "/")).iterdir() if "hand_kept" not in f.name)
        scans = [
            f"select *, {number} as f from {READERS[file.suffixes[0][1:]].format(file)}"
            for number, file in enumerate(files)
            if "resent" not in file.name
        ]
        connection.execute(f"create table landed.{name} as {' union all by name '.join(scans)}")
        key = KEYS.get(entity) or COLUMNS[entity].split()[0]
        connection.execute(
            f"create table latest.{name} as select * from landed.{name}"
            f" qualify row_number() over (partition by {key} order by updated_at::timestamptz desc) = 1"
        )
    yield connection
    connection.close()


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def value(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    return rows(connection, query)[0][0]


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files_below(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


# --- the files -------------------------------------------------------------------------------------------------------


def test_same_arguments_give_the_same_bytes(demo: tuple[Path, dict[str, int]], tmp_path: Path) -> None:
    assert generate(tmp_path / "again") == demo[1]
    names = files_below(demo[0])
    assert names == files_below(tmp_path / "again")
    assert filecmp.cmpfiles(demo[0], tmp_path / "again", names, shallow=False) == (names, [], [])


def test_another_seed_gives_other_bytes(tmp_path: Path) -> None:
    generate(tmp_path / "a", accounts=60, months=6, seed=1)
    generate(tmp_path / "b", accounts=60, months=6, seed=2)
    path = "crm/interactions/interactions_001.parquet"
    assert (tmp_path / "a" / path).read_bytes() != (tmp_path / "b" / path).read_bytes()


def test_every_entity_lands_with_the_columns_of_the_contract(
    demo: tuple[Path, dict[str, int]], landed: duckdb.DuckDBPyConnection
) -> None:
    assert set(demo[1]) == set(COLUMNS)
    for entity, columns in COLUMNS.items():
        found = {name for name, *_ in rows(landed, f"describe landed.{entity.split('.')[1]}")} - {"f"}
        expected = set(columns.split()) | COMMON
        if entity in ("survey.surveys", "survey.questions"):
            expected -= {"is_deleted"}
        assert found - {"crm_sync_batch"} == expected, entity
    suffixes = {"".join(Path(name).suffixes) for name in files_below(demo[0])}
    assert suffixes == {".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet"}


def test_counts_are_the_rows_of_the_files(demo: tuple[Path, dict[str, int]], landed: duckdb.DuckDBPyConnection) -> None:
    for entity, count in demo[1].items():
        typed = sum(len(sheet.records) for sheet in SHEETS if sheet.entity == entity)
        assert count == typed + value(landed, f"select count(*) from landed.{entity.split('.')[1]}"), entity
    assert 40_000 <= demo[1]["crm.interactions"] <= 80_000


def test_nothing_happens_after_the_end(landed: duckdb.DuckDBPyConnection) -> None:
    for table in COLUMNS:
        newest = f"select max(updated_at::timestamptz) <= timestamptz '{DEMO_END}' from latest.{table.split('.')[1]}"
        assert value(landed, newest), table


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"accounts": 10}, "accounts is 10"),
        ({"months": 2}, "months is 2"),
        ({"interactions_per_account": 9}, "is 9"),
        ({"accounts": 40}, "is not empty"),
    ],
)
def test_wrong_arguments_are_named(tmp_path: Path, arguments: dict[str, int], message: str) -> None:
    (tmp_path / "old.csv").write_text("")
    with pytest.raises(ValueError, match=message):
        generate(tmp_path, **arguments)  # type: ignore[arg-type]


def test_broken_files_on_request(tmp_path: Path) -> None:
    generate(tmp_path / "a", accounts=40, months=3)
    generate(tmp_path / "b", accounts=40, months=3, broken_files=True)
    added = set(files_below(tmp_path / "b")) - set(files_below(tmp_path / "a"))
    assert added == {
        "billing/invoices/invoices_without_due_day.csv",
        "crm/contacts/contacts_latin1.csv",
        "crm/interactions/interactions_truncated.parquet",
    }
    with pytest.raises(duckdb.Error):
        duckdb.sql(f"from read_parquet('{tmp_path / 'b/crm/interactions/interactions_truncated.parquet'}')").fetchall()


# --- the patterns ----------------------------------------------------------------------------------------------------

SCORES = """
with scored as (
    select
        responses.*, answers.score, surveys.level,
        case when answers.score >= 9 then 100.0 when answers.score >= 7 then 0 else -100 end as points
    from latest.responses
    inner join latest.answers using (response_id)
    inner join latest.surveys using (survey_id)
    where answers.question_id = 'NPS'
)
"""


def test_scores_look_real(landed: duckdb.DuckDBPyConnection) -> None:
    quarters = rows(
        landed,
        SCORES + "select date_trunc('quarter', submitted_at::timestamp), avg(points), count(*) from scored"
        " where level = 'relationship' group by all order by all",
    )
    assert len(quarters) == 8
    assert all(-10 < score < 40 and count > 150 for _, score, count in quarters)
    assert max(abs(now[1] - before[1]) for before, now in pairwise(quarters)) < 20


def test_billing_pulls_scores_down(landed: duckdb.DuckDBPyConnection) -> None:
    surveys = dict(rows(landed, SCORES + "select survey_id, avg(points) from scored group by all"))
    assert min(surveys, key=lambda name: surveys[name]) in ("EXP_BILLING", "TP_BILLING")
    assert surveys["EXP_BILLING"] < surveys["EXP_SUPPORT"] - 25
    met, spared = value(
        landed,
        SCORES
        + """, troubled as (
            select distinct response_id from scored
            inner join latest.interactions on scored.contact_id = interactions.contact_id
                and interactions.occurred_at between scored.submitted_at::timestamptz - interval 90 day
                and scored.submitted_at::timestamptz
            where interactions.touchpoint in ('invoice_question', 'invoice_dispute', 'payment_reminder')
        )
        select (
            avg(points) filter (response_id in (from troubled)), avg(points) filter (response_id not in (from troubled))
        )
        from scored where level = 'relationship'""",
    )
    assert met < spared - 25


ANSWERED = "avg((disposition = 'completed')::int)"


def test_buyers_are_silent_and_telephone_beats_email(landed: duckdb.DuckDBPyConnection) -> None:
    by_role = dict(
        rows(
            landed,
            f"select role, {ANSWERED} from latest.invitations"
            " inner join latest.contact_roles using (contact_id, account_id) group by all",
        )
    )
    assert by_role["buyer"] < 0.6 * by_role["user"]
    by_channel = dict(rows(landed, f"select channel, {ANSWERED} from latest.invitations group by all"))
    assert by_channel["phone"] > 1.4 * by_channel["email"]


def test_summer_and_year_end_are_slow(landed: duckdb.DuckDBPyConnection) -> None:
    by_month = dict(rows(landed, f"select month(sent_at), {ANSWERED} from latest.invitations group by all"))
    assert max(by_month[8], by_month[12]) < 0.8 * min(by_month[month] for month in (3, 4, 5, 9, 10, 11))


def test_few_accounts_hold_most_of_the_value(landed: duckdb.DuckDBPyConnection) -> None:
    share = value(
        landed,
        "select sum(v) filter (place <= 0.15) / sum(v) from (select annual_value::double as v,"
        " percent_rank() over (order by annual_value::double desc) as place from latest.accounts)",
    )
    assert 0.5 < share < 0.9


def test_churn_follows_bad_experience(landed: duckdb.DuckDBPyConnection) -> None:
    by_status = dict(
        rows(
            landed,
            SCORES
            + "select status, avg(points) from scored inner join latest.accounts using (account_id) group by all",
        )
    )
    assert by_status["churned"] < by_status["active"] - 10


def test_one_premature_demand_and_what_the_buyer_said_after_it(landed: duckdb.DuckDBPyConnection) -> None:
    early = rows(
        landed,
        """
        select
            accounts.account_id, customer_since, notice_kind, notices.contact_id, notices.sent_at::date::varchar
        from latest.notices
        inner join latest.invoices using (invoice_id)
        inner join latest.accounts on invoices.account_id = accounts.account_id
        where notice_kind in ('dunning', 'suspension_warning') and notices.sent_at::date <= due_on::date
            and not notices.is_deleted
        """,
    )
    assert early == [("00004000", "2018-01-05", "suspension_warning", "0030000000000", "2026-04-22")]
    late = "select count(*) from latest.invoices inner join latest.payments using (invoice_id)"
    assert value(landed, late + " where account_id = '00004000' and paid_at::timestamp::date > due_on::date") == 0
    said = rows(
        landed,
        SCORES + "select submitted_at::timestamp > timestamp '2026-04-22', score from scored"
        " where contact_id = '0030000000000' and level = 'relationship' order by submitted_at",
    )
    assert {score for after, score in said if not after} == {9}
    assert {score for after, score in said if after} == {3}


def test_disputes_are_passed_around(landed: duckdb.DuckDBPyConnection) -> None:
    by_touchpoint = dict(
        rows(
            landed,
            "select touchpoint, avg((handled_by_team <> 'billing')::int) from latest.interactions"
            " where touchpoint in ('invoice_dispute', 'invoice_delivery') group by all",
        )
    )
    assert by_touchpoint["invoice_dispute"] > 0.35 > 0.05 > by_touchpoint["invoice_delivery"]


def test_the_files_speak_of_the_shipped_programme(landed: duckdb.DuckDBPyConnection) -> None:
    teams = {row["team_id"] for row in seed("teams")}
    measures = {row["measure"] for row in seed("measures")}
    touchpoints = {row["touchpoint"] for row in seed("touchpoints")}
    found = {name for (name,) in rows(landed, "select distinct touchpoint from latest.interactions")}
    assert found - {"trade_fair_booth"} == touchpoints
    assert {name for (name,) in rows(landed, "select distinct handled_by_team from latest.interactions")} - teams == {
        None
    }
    assert {name for (name,) in rows(landed, "select distinct measure from latest.questions")} - {None} == measures
    assert {name for (name,) in rows(landed, "select distinct team_id from latest.follow_ups")} <= teams
    types = {row["account_type"] for row in seed("touchpoint_owners")} - {"*"}
    assert types <= {name for (name,) in rows(landed, "select distinct account_type from latest.accounts")}
    roles = {name for (name,) in rows(landed, "select distinct role from latest.contact_roles")}
    assert roles - {row["role"] for row in seed("roles")} == {"innovation_lead"}


# --- the dirt --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "query"),
    {
        "late record": "select count(*) from landed.interactions where f > 0 and occurred_at < date '2024-12-20'",
        "repeated row": "select count(*) from (select interaction_id, updated_at, outcome from landed.interactions"
        " group by all having count(*) > 1)",
        "correction": "select count(*) from landed.invoices old, landed.invoices new where old.invoice_id ="
        " new.invoice_id and old.updated_at < new.updated_at and old.amount <> new.amount and old.f <= new.f",
        "correction landed first": "select count(*) from landed.interactions old, landed.interactions new where"
        " old.interaction_id = new.interaction_id and old.updated_at < new.updated_at and old.f > new.f",
        "tie of updated_at": "select count(*) from (select answers.response_id from landed.answers"
        " group by response_id, question_id, updated_at having count(distinct coalesce(text, '')) > 1)",
        "deletion": "select count(*) from latest.interactions where is_deleted",
        "chain of two merges": "select count(*) from latest.accounts a, latest.accounts b"
        " where a.merged_into_account_id = b.account_id and b.merged_into_account_id is not null",
        "deleted merged account": "select count(*) from latest.accounts"
        " where is_deleted::boolean and merged_into_account_id is not null",
        "merge into a deleted account": "select count(*) from latest.accounts a, latest.accounts b"
        " where a.merged_into_account_id = b.account_id and b.is_deleted::boolean",
        "merge into an unknown account": "select count(*) from latest.accounts where merged_into_account_id is not null"
        " and merged_into_account_id not in (select account_id from latest.accounts)",
        "unknown account": "select count(*) from latest.interactions"
        " where account_id not in (select account_id from latest.accounts)",
        "unknown contact": "select count(*) from latest.interactions"
        " where contact_id not in (select contact_id from latest.contacts)",
        "unknown invoice": "select count(*) from latest.payments"
        " where invoice_id not in (select invoice_id from latest.invoices)",
        "unknown touchpoint": "select count(*) from latest.interactions where touchpoint = 'trade_fair_booth'",
        "role at several accounts": "select count(*) from (select contact_id from latest.contact_roles"
        " group by all having count(distinct account_id) > 1)",
        "role changes": "select count(*) from latest.contact_roles where valid_to is not null",
        "role nobody defined": "select count(*) from latest.contact_roles where role = 'innovation_lead'",
        "scope without owner": "select count(*) from latest.interactions inner join latest.accounts using (account_id)"
        " where touchpoint = 'usage_report' and account_type = 'small_business'",
        "time without owner": "select count(*) from latest.interactions where touchpoint = 'invoice_dispute'"
        " and occurred_at between timestamptz '2025-10-01' and timestamptz '2025-12-31'",
        "leading zeros": "select count(*) from latest.accounts where account_id like '0000%'",
        "ids that differ by case": "select count(*) from latest.accounts a, latest.accounts b"
        " where a.account_id < b.account_id and lower(a.account_id) = lower(b.account_id)",
        "hostile names": "select count(*) from latest.accounts where account_name ilike '%drop table%'"
        " or account_name like '<script%' or account_name like '=%' having count(*) = 3",
        "line break in a name": "select count(*) from latest.accounts where contains(account_name, chr(10))",
        "hostile comments": "select count(*) from latest.answers where text like '<img%' or text like '=cmd%'",
        "re-entered stage": "select count(*) from (select journey_id from latest.interactions"
        " where touchpoint = 'field_visit' group by account_id, journey_id having count(*) > 1)",
        "unknown column": "select count(crm_sync_batch) from landed.contacts",
    }.items(),
    ids=lambda item: item if isinstance(item, str) and " from " not in item else "",
)
def test_dirt_is_there(landed: duckdb.DuckDBPyConnection, kind: str, query: str) -> None:
    assert rows(landed, query)[0][0] > 0, kind


def test_a_file_landed_twice(demo: tuple[Path, dict[str, int]]) -> None:
    folder = demo[0] / "billing" / "invoices"
    assert filecmp.cmp(folder / "invoices_001.csv", folder / "invoices_001_resent.csv", shallow=False)


def test_typed_in_files_are_small_and_odd(demo: tuple[Path, dict[str, int]]) -> None:
    assert {sheet.entity for sheet in SHEETS} == set(COLUMNS)
    assert all(sum(len(s.records) for s in SHEETS if s.entity == entity) < 20 for entity in COLUMNS)
    excel = (demo[0] / "crm" / "accounts" / "accounts_hand_kept_excel.csv").read_bytes()
    assert excel.startswith(b"\xef\xbb\xbf") and b"\r\n" in excel


def test_the_demo_has_all_that_contract_2_tells_apart(landed: duckdb.DuckDBPyConnection) -> None:
    found = {
        name: value(landed, f"select count(*) from latest.{table} where {condition}")
        for name, table, condition in (
            ("other", "accounts", "status = 'other'"),
            ("merged", "contacts", "merged_into_contact_id is not null"),
            ("internal", "interactions", "is_internal"),
            ("automatic", "invoices", "collection = 'automatic'"),
            ("credit", "payments", "kind = 'credit_note'"),
            ("refund", "payments", "kind = 'refund' and amount > 0"),
            ("written off", "payments", "kind = 'write_off'"),
            ("anonymous", "responses", "account_id is null and contact_id is null"),
        )
    }
    assert all(found.values()), found
    assert found["internal"] < 0.03 * value(landed, "select count(*) from latest.interactions")
    assert found["anonymous"] < 0.01 * value(landed, "select count(*) from latest.responses")
    currencies = rows(landed, "select currency, count(*) from latest.accounts group by all")
    assert {row["currency"] for row in seed("currency_rates")} == {currency for currency, _ in currencies if currency}
