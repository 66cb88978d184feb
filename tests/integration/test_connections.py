"""From exports to landed records: what lands, what a second sync lands, what a mistake gets."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from company import HAND_WORK, VENDORS, Company
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres_server import running

from answerable.settings import Settings
from ingest import connections
from ingest.connections import CONNECTORS, ConfigurationError, ConnectionFailedError, changes
from orchestration import connecting
from orchestration.defs import connections as assets

ROOT = Path(__file__).parents[2]
BOOLEANS = {"IsDeleted", "IsActive", "IsWon", "IsClosed", "HasOptedOutOfEmail", "suspended", "Finished"}


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company(tmp_path)
    company.export(*VENDORS)
    company.configure(**{vendor: f"connector: {vendor}, from: exports/{vendor}" for vendor in VENDORS})
    return company


def test_a_second_sync_lands_nothing_even_if_it_reads_all_again(company: Company) -> None:
    for vendor in VENDORS:
        assert company.sync(vendor).landed > 0
    for vendor in VENDORS:
        assert company.sync(vendor).landed == 0
        assert company.sync(vendor).is_unchanged
    shutil.rmtree(company.place.home)
    for vendor in VENDORS:
        again = company.sync(vendor)
        assert (again.is_unchanged, again.landed) == (False, 0)


def test_check_names_each_line_that_is_missing_and_nothing_when_they_are_there(company: Company) -> None:
    for vendor in VENDORS:
        company.sync(vendor)
    found = {vendor: company.check(vendor) for vendor in VENDORS}
    assert {(one.map, one.value) for report in found.values() for one in report.unknown} == {
        ("team", "Support Tier 1"),
        ("team", "Account Executive"),
        ("question_metric", "QID2_1"),
    }
    assert [len(report.apart) for report in found.values()] == [1, 1, 0, 0]
    assert found["zendesk"].links.by_rule == {"id": 3, "domain": 2, "name": 1}
    assert found["zendesk"].links.unlinked == 2
    with (company.folder / "links.todo.csv").open() as file:
        assert {row["ref"] for row in csv.DictReader(file) if row["connection"] == "zendesk"} == {"9006", "9007"}
    assert (company.folder / "maps" / "team.todo.csv").exists()
    for name, text in HAND_WORK.items():
        company.write(name, text)
    assert not any(company.check(vendor).is_incomplete for vendor in ("salesforce", "zendesk", "qualtrics"))


def test_a_check_before_any_account_landed_suggests_no_links(company: Company) -> None:
    links = company.check("zendesk").links
    assert (links.candidates, links.unlinked) == (0, 8)
    assert not (company.folder / "links.todo.csv").exists()
    company.sync("salesforce")
    assert company.check("zendesk").links.candidates == 8
    assert (company.folder / "links.todo.csv").exists()


def test_the_same_tickets_as_two_systems_export_them_are_the_same(company: Company) -> None:
    for name, text in HAND_WORK.items():
        company.write(name, text)
    for vendor in ("salesforce", "zendesk"):
        company.sync(vendor)
    columns = "account_id, contact_id, touchpoint, channel, direction, occurred_at, handled_by_team, is_internal"
    cases = company.rows("crm.interactions", f"{columns}, journey_id", connection="salesforce")
    cases = [row[:-1] for row in cases if row[-1] and ":500" in row[-1]]
    tickets = company.rows("crm.interactions", columns, connection="zendesk")
    assert tickets == cases
    assert sum(row[-1] == "true" for row in tickets) == 12


def replicated(folder: Path, schema: str, execute: Callable[[str], object]) -> None:
    """Write exports as a replicator keeps them: other names, real types."""
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        names = {name: "".join("_" + c.lower() if c.isupper() else c for c in name).strip("_") for name in rows[0]}
        names = {name: new.replace(".", "_").replace("__", "_") for name, new in names.items()}
        kinds = {name: "boolean" if name in BOOLEANS else "text" for name in names}
        kinds |= {
            name: "timestamptz" for name in names if rows[0][name].endswith(("+0000", "Z")) and "T" in rows[0][name]
        }
        kinds |= {name: "numeric(30, 9)" for name in names if name in ("ARR__c",)}
        table = "".join("_" + c.lower() if c.isupper() else c for c in path.stem).strip("_")
        declared = ", ".join(f'"{names[name]}" {kinds[name]}' for name in names)
        execute(f'CREATE TABLE {schema}."{table}" ({declared})')
        for row in rows:
            values = ", ".join("'" + v.replace("'", "''") + "'" if (v := row[name]) else "NULL" for name in names)
            execute(f'INSERT INTO {schema}."{table}" VALUES ({values})')


def test_exports_and_replicated_tables_land_the_same(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, list[list[tuple[Any, ...]]]] = {}

    def note(shape: str, other: Company) -> None:
        for vendor in ("salesforce", "zendesk", "xero"):
            other.sync(vendor)
        entities = changes.load_contracts()
        said = {entity: ", ".join(c.name for c in one.content) for entity, one in entities.items()}
        found[shape] = [other.rows(entity, columns) for entity, columns in said.items()]

    vendors = ("salesforce", "zendesk", "xero")
    note("export", company)
    with running() as server:
        connection = server.connect()
        cursor = connection.cursor()
        file = duckdb.connect(str(company.folder / "replica.duckdb"))
        file.execute("SET TimeZone = 'UTC'")
        for vendor in vendors:
            for execute in (file.execute, cursor.execute):
                execute(f"CREATE SCHEMA r_{vendor}")
                replicated(CONNECTORS / vendor / "fixture", f"r_{vendor}", execute)
        file.close()
        connection.close()
        monkeypatch.setenv("REPLICA", server.url())
        for shape, source in (("duckdb", "../replica.duckdb#r_{}"), ("postgres", '"env:REPLICA#r_{}"')):
            other = Company(company.folder / shape)
            other.configure(**{v: f"connector: {v}, from: {source.format(v)}" for v in vendors})
            note(shape, other)
    assert found["duckdb"] == found["export"]
    assert found["postgres"] == found["export"]


def table(rows: list[dict[str, str]]) -> str:
    return "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]) + "\n"


def crm(company: Company, accounts: dict[str, tuple[str, str]], more: str = "", roles: str = "") -> None:
    """Export accounts: id → name, day of the last change; all with one contact where roles are given."""
    company.configure(salesforce=f"connector: salesforce, from: exports/crm{more}")
    company.write(
        "exports/crm/Account.csv",
        table(
            [
                {"Id": key, "Name": name, "SystemModstamp": f"{day}T00:00:00Z", "IsDeleted": "false"}
                for key, (name, day) in accounts.items()
            ]
        ),
    )
    if roles:
        company.write(
            "exports/crm/Contact.csv",
            "Id,AccountId,Email,Role__c,CreatedDate,SystemModstamp\n" + roles,
        )


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_any_order_of_syncs_is_one_sync_of_the_last_state(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    def changed(n: int, snapshot: int) -> int:
        return max(s for s in range(snapshot + 1) if s % (n + 1) == 0)

    def export(company: Company, snapshot: int) -> None:
        states = {n: changed(n, snapshot) for n in range(3)}
        people = "".join(
            f"00300000000000{n}AAA,00100000000000{s % 2}AAA,{s}@x.example,Role {s},,2026-01-0{1 + s}T00:00:00Z\n"
            for n, s in states.items()
        )
        accounts = {f"00100000000000{n}AAA": (f"N{s}", f"2026-01-0{1 + s}") for n, s in states.items()}
        crm(company, accounts, roles=people)

    mixed, once = Company(tmp_path_factory.mktemp("mixed")), Company(tmp_path_factory.mktemp("once"))
    for number in [*order, 3, *order]:
        export(mixed, number)
        mixed.sync("salesforce")
    export(once, 3)
    once.sync("salesforce")
    for entity in ("crm.accounts", "crm.contacts"):
        assert mixed.rows(entity) == once.rows(entity)

    def held(company: Company) -> list[tuple[Any, ...]]:
        spells = company.rows(
            "crm.contact_roles", "contact_id, account_id, role, valid_to IS NULL AND is_deleted IS NULL"
        )
        return [spell[:-1] for spell in spells if spell[-1]]

    assert held(mixed) == held(once) != []


def test_half_a_complete_export_is_refused_and_a_whole_one_lands_tombstones(company: Company) -> None:
    whole = {f"001{n:012d}AAA": (f"N{n}", "2026-01-01") for n in range(60)}
    crm(company, whole, ", complete: true")
    company.sync("salesforce")
    crm(company, dict(list(whole.items())[:30]), ", complete: true")
    with pytest.raises(ConnectionFailedError, match=r"30 of 60 crm.accounts are no longer in exports/crm: a partial"):
        company.sync("salesforce")
    assert len(list(company.place.zone.rglob("*.parquet"))) == 1
    crm(company, dict(list(whole.items())[:50]), ", complete: true")
    assert [(c.landed, c.vanished) for c in company.sync("salesforce").changes] == [(10, 10)]
    crm(company, whole, ", complete: true")
    company.sync("salesforce")
    assert len(company.rows("crm.accounts", "account_id || is_deleted")) == 60
    assert {row[0] for row in company.rows("crm.accounts", "is_deleted")} == {"false"}


def test_a_sync_killed_between_two_renames_lands_the_rest_next_time(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    renamed: list[Path] = []
    replace = Path.replace

    def dies(self: Path, target: Path) -> Path:
        if self.suffix == ".part" and self.name.startswith("."):
            if len(renamed) == 2:
                raise KeyboardInterrupt
            renamed.append(self)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        company.sync("salesforce")
    monkeypatch.undo()
    company.sync("salesforce")
    assert not list(company.place.zone.rglob("*.part"))
    other = Company(company.folder / "other")
    shutil.copytree(company.folder / "exports", other.folder / "exports")
    other.configure(salesforce="connector: salesforce, from: exports/salesforce")
    other.sync("salesforce")
    for entity in changes.load_contracts():
        assert company.rows(entity) == other.rows(entity)


def test_a_vendors_change_begins_a_spell_and_a_corrected_map_corrects_the_past(company: Company) -> None:
    account, columns = {"001000000000001AAA": ("N", "2026-01-01")}, "role, valid_from, valid_to, is_deleted"
    person = "003000000000001AAA,001000000000001AAA,a@x.example,{},2024-03-05T00:00:00Z,{}T00:00:00Z\n"
    crm(company, account, roles=person.format("Chief", "2026-01-01"))
    company.sync("salesforce")
    assert company.rows("crm.contact_roles", columns) == [("chief", "2024-03-05", None, None)]
    company.write("maps/role.csv", "value,code\nchief,buyer\n")
    company.sync("salesforce")
    assert company.rows("crm.contact_roles", columns) == [
        ("buyer", "2024-03-05", None, None),
        ("chief", "2024-03-05", None, "true"),
    ]
    crm(company, account, roles=person.format("User", "2026-02-01"))
    company.sync("salesforce")
    today = f"{company.now:%Y-%m-%d}"
    assert company.rows("crm.contact_roles", columns)[::2] == [
        ("buyer", "2024-03-05", today, None),
        ("user", today, None, None),
    ]


def test_roles_whose_table_was_left_out_of_an_export_do_not_end(company: Company) -> None:
    people = [f"003{n:012d}AAA" for n in range(40)]
    crm(company, {"001000000000001AAA": ("N", "2026-01-01")})
    company.write("exports/crm/Contact.csv", table([{"Id": one, "AccountId": "001000000000001AAA"} for one in people]))
    related = [{"Id": f"07k{one[3:]}", "ContactId": one, "Roles": "Evaluator"} for one in people]
    related = [{**one, "AccountId": "001000000000001AAA"} for one in related]
    relations = company.write("exports/crm/AccountContactRelation.csv", table(related))
    company.sync("salesforce")
    assert len(company.rows("crm.contact_roles")) == 40
    relations.unlink()
    with pytest.raises(ConnectionFailedError, match=r"40 of 40 holders of crm.contact_roles are no longer in"):
        company.sync("salesforce")
    relations.write_text(table(related[:25]))
    company.sync("salesforce")
    assert len(company.rows("crm.contact_roles", "valid_to")) == 40
    assert sum(day is not None for (day,) in company.rows("crm.contact_roles", "valid_to")) == 15


def test_content_that_changed_under_the_vendors_clock_lands_a_microsecond_later(company: Company) -> None:
    key = "001000000000001AAA"
    for name in ("A", "B", "C"):
        crm(company, {key: (name, "2026-01-01")})
        company.sync("salesforce")
    assert company.rows("crm.accounts", "account_name, updated_at") == [("C", "2026-01-01T00:00:00.000002Z")]
    crm(company, {key: ("old", "2025-12-01")})
    [change] = company.sync("salesforce").changes
    assert (change.landed, change.stale) == (0, 1)


def test_a_customer_is_linked_where_one_account_alone_fits(company: Company) -> None:
    one, two, three = (f"00100000000000{n}AAA" for n in (1, 2, 3))
    mails = {one: "a@shared.example", two: "b@shared.example", three: "d@solo.example"}
    people = [*mails.items(), (three, "c@gmail.com")]
    crm(
        company,
        {one: ("Twin GmbH", "2026-01-01"), two: ("Twin Ltd", "2026-01-01"), three: ("Solo AG", "2026-01-01")},
        roles="".join(f"00300000000000{n}AAA,{key},{mail},,,\n" for n, (key, mail) in enumerate(people)),
    )
    company.write(
        "exports/desk/organizations.csv",
        "id,name,external_id,domain_names\n"
        f"10,Whoever,{two[:15]},\n11,SOLO,,\n12,Who,,solo.example\n"
        "20,Twin,,\n21,X,,shared.example\n22,Y,,gmail.com\n23,Solo Holding,,\n",
    )
    company.write("exports/desk/tickets.csv", "id,organization_id,status,created_at\n1,11,open,2026-01-01T00:00:00Z\n")
    company.configure(
        salesforce="connector: salesforce, from: exports/crm", zendesk="connector: zendesk, from: exports/desk"
    )
    company.sync("salesforce")
    links = company.check("zendesk").links
    assert (links.by_rule, links.unlinked) == ({"domain": 1, "id": 1, "name": 1}, 4)
    company.sync("zendesk")
    assert company.rows("crm.interactions", "account_id") == [(three,), (three,)]


def test_a_customer_of_no_account_becomes_one_and_is_merged_once_it_is_linked(company: Company) -> None:
    company.configure(
        salesforce="connector: salesforce, from: exports/salesforce",
        xero="connector: xero, from: exports/xero, unlinked: create",
    )
    company.sync("salesforce")
    company.sync("xero")
    ref = "c0ffee00-0000-4000-8000-000000000006"
    columns = "account_id, merged_into_account_id"
    assert company.rows("crm.accounts", columns, connection="xero") == [(f"xero:{ref}", None)]
    company.write("links.csv", f"connection,ref,account_id\nxero,{ref},001000000000007AAA\n")
    company.sync("xero")
    assert company.rows("crm.accounts", columns, connection="xero") == [(f"xero:{ref}", "001000000000007AAA")]


def test_what_an_invoice_alone_says_gives_way_to_the_payments(company: Company) -> None:
    payments = company.folder / "exports" / "xero" / "payments.csv"
    text = payments.read_text()
    payments.unlink()
    said = "sum(amount::decimal(18, 2)) filter (is_deleted is distinct from 'true'), count(*)"
    company.sync("xero")
    assert [(str(paid), count) for paid, count in company.rows("billing.payments", said)] == [("8753.50", 7)]
    payments.write_text(text)
    company.sync("xero")
    assert [(str(paid), count) for paid, count in company.rows("billing.payments", said)] == [("8753.50", 13)]
    assert company.sync("xero").landed == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_sheet_of_ones_own_in_a_dozen_lines(company: Company, encoding: str) -> None:
    text = "Kundennummer;Firma;Wert;Stand\nK-1;Müller GmbH;1.200,50;2026-01-05\n"
    company.write("exports/lists/Kundenliste_2026-04-01.csv", text.encode(encoding))
    company.write(
        "connections.yml",
        """
connections:
  liste:
    connector: sheet
    from: exports/lists
    tables: {crm.accounts: Kundenliste}
    columns:
      crm.accounts.account_id: Kundennummer
      crm.accounts.account_name: Firma
      crm.accounts.annual_value: Wert
      crm.accounts.updated_at: Stand
""",
    )
    company.sync("liste")
    assert company.rows("crm.accounts", "account_id, account_name, annual_value, updated_at") == [
        ("K-1", "Müller GmbH", "1200.50", "2026-01-05T00:00:00.000000Z")
    ]


def test_codes_of_a_sheet_go_through_maps_and_the_check_names_those_that_are_none(company: Company) -> None:
    company.write(
        "exports/lists/crm.interactions.csv",
        "interaction_id,account_id,touchpoint,occurred_at,handled_by_team\n"
        "1,A,ticket_opened,2026-01-01T00:00:00Z,Desk\n2,A,Visit,2026-01-01T00:00:00Z,Desk\n",
    )
    company.configure(lists="connector: sheet, from: exports/lists")
    assert {(one.map, one.value) for one in company.check("lists").unknown} == {
        ("touchpoint", "Visit"),
        ("team", "Desk"),
    }
    company.write("maps/team.csv", "value,code\ndesk,support\n")
    company.write("maps/touchpoint.csv", "value,code\nvisit,field_visit\n")
    assert not company.check("lists").is_incomplete
    company.sync("lists")
    assert company.rows("crm.interactions", "interaction_id, touchpoint, handled_by_team") == [
        ("lists:1", "ticket_opened", "support"),
        ("lists:2", "field_visit", "support"),
    ]


ENTRY = "connector: xero, from: exports/xero"
ONE_INVOICE = "InvoiceID,ContactName,Status,Date,Total\n1,A,PAID,03/04/2026,1\n"


@pytest.mark.parametrize(
    ("entry", "files", "line"),
    [
        ("connector: xero, from: nowhere", {}, "no folder .*nowhere"),
        (f"{ENTRY}, columns: {{invoice.total: Grand}}", {}, "invoices.csv has no column Grand.*There are: InvoiceID"),
        ("connector: xero, from: exports/odd", {"exports/odd/x.csv": "a\n1\n"}, "no table of Xero: export invoices"),
        ("connector: xero, from: exports/odd", {"exports/odd/invoice.csv": ONE_INVOICE}, "day or month first"),
        ('connector: xero, from: "env:NOT_SET_HERE#x"', {}, "NOT_SET_HERE is not set"),
        (f"{ENTRY}, settings: {{shade: blue}}", {}, "has no shade"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_lands(
    company: Company, entry: str, files: dict[str, str], line: str
) -> None:
    for name, text in files.items():
        company.write(name, text)
    company.configure(xero=entry)
    with pytest.raises(ConnectionFailedError, match=line) as raised:
        company.sync("xero")
    assert "\n" not in str(raised.value)
    assert not list(company.place.zone.rglob("*.parquet"))


def test_a_long_folder_and_a_column_called_token_are_no_secrets(company: Company) -> None:
    folder = "exports/Salesforce/Production2026/full/Region7/latest"
    company.configure(xero=f"connector: xero, from: {folder}, columns: {{invoice.number: Token__c}}")
    assert connections.read(company.folder / "connections.yml").connections["xero"].source == folder


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ("connector: xero, from: x, password: hunter2secret1", "xero: password: looks like a secret"),
        ("connector: sap, from: x", "no connector sap; choose one of qualtrics, salesforce, sheet"),
        ("connector: xero, from: x, dates: ymd", "xero.dates: "),
        ("connector: xero, from: x, colour: red", "xero.colour: "),
        ("connector: xero, from: x, settings: {key: sk_live_secret1}", "settings.key: looks like a secret"),
        ('connector: xero, from: "env:my replica#x"', "xero.from: name a variable"),
        ('connector: xero, from: "postgresql://me:geheim@host/db"', "looks like a secret"),
    ],
)
def test_a_wrong_configuration_names_file_and_key_and_no_secret(company: Company, entry: str, line: str) -> None:
    company.configure(xero=entry)
    with pytest.raises(ConfigurationError, match=line) as raised:
        connections.read(company.folder / "connections.yml")
    assert "connections.yml" in str(raised.value)
    assert not {"secret1", "geheim"} & set(str(raised.value).replace("_", " ").replace(":", " ").split())


def test_one_value_of_a_map_twice_and_two_owners_of_one_id(company: Company) -> None:
    company.write("maps/team.csv", "value,code\nA,support\na,sales\n")
    with pytest.raises(ConfigurationError, match=r"team.csv: a stands twice, as support and as sales"):
        company.sync("salesforce")
    (company.folder / "maps" / "team.csv").unlink()
    company.configure(**dict.fromkeys(("one", "two"), "connector: salesforce, from: exports/salesforce"))
    company.sync("one")
    with pytest.raises(ConnectionFailedError, match=r"crm.accounts 001000000000001AAA is landed by one, too"):
        company.sync("two")


def test_a_landing_zone_that_takes_no_files_is_one_line(company: Company) -> None:
    company.write("landing/billing", "a file where a folder should be")
    with pytest.raises(ConnectionFailedError, match="landing/billing"):
        company.sync("xero")


def test_strict_refuses_codes_that_the_programme_does_not_know(company: Company) -> None:
    company.configure(salesforce="connector: salesforce, from: exports/salesforce, strict: true")
    with pytest.raises(ConnectionFailedError, match="strict: 2 values without a code: team: "):
        company.sync("salesforce")


def test_sql_of_a_connector_sees_nothing_else_of_the_machine(company: Company) -> None:
    shutil.copytree(CONNECTORS / "xero", company.folder / "mine")
    company.configure(mine="connector: ./mine, from: exports/xero, dates: dmy")
    secret = company.write("secret.csv", "a\nplain\n")
    for reading in (f"select * from read_csv('{secret}')", "select * from read_text('/etc/hostname')"):
        company.write("mine/prepare.sql", f"create table sold as {reading};")
        with pytest.raises(ConnectionFailedError, match=r"Permission Error|disabled"):
            company.sync("mine")


def test_the_wheel_has_every_connector(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    files = (path for path in CONNECTORS.rglob("*") if path.suffix in (".yml", ".sql", ".csv"))
    wanted = {path.relative_to(ROOT).as_posix() for path in files}
    assert wanted and wanted <= packed


HOLD = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.readline()"


def test_a_database_that_is_being_written_is_tried_again(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process has the replica open for writing, and closes it before the second attempt."""
    replica = company.folder / "replica.duckdb"
    with duckdb.connect(str(replica)) as file:
        accounts = company.folder / "exports" / "salesforce" / "Account.csv"
        file.execute(f"CREATE TABLE account AS FROM read_csv('{accounts}', all_varchar = true)")
    company.configure(salesforce="connector: salesforce, from: replica.duckdb#main")
    found = connections.read(company.folder / "connections.yml")
    monkeypatch.setattr(assets, "FIRST_WAIT_SECONDS", 1)
    [asset] = assets.of(found)
    at_home = Settings(
        home=company.folder / "home", landing=company.place.zone, connections=company.folder / "connections.yml"
    )
    assert connecting.synced(at_home) == {}
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(replica)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdin and holder.stdout and holder.stdout.readline() == b"held\n"
    attempts = []
    sync = connecting.sync

    def counted(*given: Any) -> Any:
        attempts.append(given)
        if len(attempts) == 2:
            holder.communicate(b"\n")
        return sync(*given)

    monkeypatch.setattr(connecting, "sync", counted)
    result = dg.materialize([asset], resources={"settings": at_home})
    assert result.success and len(attempts) == 2
    assert [one.passed for one in result.get_asset_check_evaluations()] == [True]
    assert len(company.rows("crm.accounts")) == 8
    [read_at] = {at for entity, at in connecting.synced(at_home).items() if entity == "crm.accounts"}
    connecting.sync(at_home, found, "salesforce")
    assert connecting.synced(at_home)["crm.accounts"] == read_at  # a file that did not change is not read again
