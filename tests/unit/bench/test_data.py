"""Bench data: the same at every size but for the number of copies, ids that hold together, a day in proportion."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from answerable.demo import generate
from bench import data
from ingest.contracts import load_contracts

# A copy of the demo is 40 accounts here, so that a second one is small.
COPY, SIZE = 40, 0.04
REFERENCES = (
    ("crm.sites", "account_id", "crm.accounts"),
    ("crm.contacts", "account_id", "crm.accounts"),
    ("crm.contact_roles", "contact_id", "crm.contacts"),
    ("crm.subscriptions", "product_id", "crm.products"),
    ("crm.interactions", "account_id", "crm.accounts"),
    ("crm.interactions", "contact_id", "crm.contacts"),
    ("billing.invoices", "account_id", "crm.accounts"),
    ("billing.payments", "invoice_id", "billing.invoices"),
    ("billing.notices", "invoice_id", "billing.invoices"),
    ("survey.invitations", "contact_id", "crm.contacts"),
    ("survey.responses", "invitation_id", "survey.invitations"),
    ("survey.responses", "survey_id", "survey.surveys"),
    ("survey.answers", "response_id", "survey.responses"),
    ("survey.follow_ups", "response_id", "survey.responses"),
)
SHARED = {"crm.products", "survey.surveys", "survey.questions"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> data.World:
    return data.make(tmp_path_factory.mktemp("bench") / "two", SIZE, base_accounts=COPY)


def rows(world: data.World, entity: str, files: str = "history_*") -> duckdb.DuckDBPyRelation:
    """Return landed rows; relations keep the connection that made them."""
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    return connection.sql(f"from '{world.landing}/{entity.replace('.', '/')}/{files}.{world.format}'")


def count(world: data.World, entity: str, files: str = "history_*", where: str = "true") -> int:
    return int(rows(world, entity, files).filter(where).count("*").fetchall()[0][0])


def test_every_entity_lands_in_several_files_with_the_columns_of_its_contract(world: data.World) -> None:
    for name, contract in load_contracts().items():
        files = list(world.landing.joinpath(contract.source, contract.entity).glob("history_*"))
        assert len(files) == (1 if name in SHARED else 4)
        assert rows(world, name).columns == [column.name for column in contract.content]
        assert world.rows[name] == count(world, name) > 0


def test_a_size_is_so_many_copies_of_the_same(world: data.World, tmp_path: Path) -> None:
    single = data.make(tmp_path / "one", SIZE / 2, base_accounts=COPY)

    assert (single.copies, world.copies) == (1, 2)
    assert world.accounts == 2 * single.accounts == 80
    assert {name: n * (1 if name in SHARED else 2) for name, n in single.rows.items()} == world.rows
    assert world.rows["crm.interactions"] / world.accounts == pytest.approx(500, rel=0.3)


def test_the_proportions_of_a_real_size() -> None:
    """One account per 500 interactions: what a size in millions means."""
    assert data.ACCOUNTS_PER_MILLION * 500 == 1_000_000
    assert data.ACCOUNTS_PER_MILLION * 0.1 == data.BASE_ACCOUNTS  # the smallest size is one copy


def test_the_same_arguments_make_the_same_rows(world: data.World, tmp_path: Path) -> None:
    again = data.make(tmp_path / "again", SIZE, base_accounts=COPY)
    other = data.make(tmp_path / "other", SIZE, base_accounts=COPY, seed=8)

    for entity in ("crm.accounts", "crm.interactions", "survey.answers"):
        found = [sorted(map(repr, rows(one, entity).fetchall())) for one in (world, again, other)]
        assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(("entity", "column", "parent"), REFERENCES)
def test_ids_lead_somewhere_as_in_the_demo(world: data.World, entity: str, column: str, parent: str) -> None:
    """The demo has a few references that lead nowhere; copies add none: they share nothing but what is named."""
    connection = duckdb.connect()
    child, known = (f"'{world.landing}/{name.replace('.', '/')}/history_*.parquet'" for name in (entity, parent))
    key, copy = load_contracts()[entity].keys[0].name, "'^K\\d+'"
    lost, total, between = connection.execute(
        f"""
        select count(*) filter ({column} not in (select {column} from {known})), count(*),
            count(*) filter (regexp_extract({column}, {copy}) <> regexp_extract({key}, {copy}))
        from {child} where {column} is not null
        """
    ).fetchall()[0]

    assert lost <= 0.02 * total
    assert parent in SHARED or between == 0


def test_history_ends_when_it_says(world: data.World) -> None:
    last = rows(world, "crm.interactions").max("updated_at").fetchall()[0][0]

    assert data.END.replace(hour=0, minute=0, second=0) < last <= data.END
    assert data.END.day not in (1, 30, 31)  # not at the end of a period


def test_a_day_adds_its_share_to_every_entity_that_a_day_brings(tmp_path: Path) -> None:
    world = data.make(tmp_path / "day", SIZE, base_accounts=COPY)
    landed = data.add_day(world, 1, 0.05)

    assert set(landed.rows) == set(world.rows) - SHARED
    for entity, added in landed.rows.items():
        if world.rows[entity] > 2000:
            assert added / world.rows[entity] == pytest.approx(0.05, rel=0.35), entity
    day = f"updated_at::date = date '{world.day(1)}'"
    assert count(world, "crm.interactions", "day_0001", day) == landed.rows["crm.interactions"]
    assert count(world, "crm.interactions", "day_0001", f"occurred_at > timestamptz '{world.clock(1)}'") == 0
    assert 0 < landed.accounts_touched <= world.accounts


def test_a_day_brings_new_records_of_known_accounts(tmp_path: Path) -> None:
    world = data.make(tmp_path / "day", SIZE, base_accounts=COPY)
    data.add_day(world, 2, 0.05)

    def ids(entity: str, column: str, files: str) -> set[str]:
        return {value for (value,) in rows(world, entity, files).project(column).distinct().fetchall()}

    assert not ids("crm.interactions", "interaction_id", "day_*") & ids(
        "crm.interactions", "interaction_id", "history_*"
    )
    known = ids("crm.interactions", "account_id", "history_*")
    assert ids("crm.interactions", "account_id", "day_*") <= known
    assert ids("survey.answers", "response_id", "day_*") <= ids("survey.responses", "response_id", "day_*")
    invited = ids("survey.responses", "invitation_id", "day_*") - {None}
    assert invited <= ids("survey.invitations", "invitation_id", "day_*")


def test_a_day_leaves_what_is_known_of_clients_and_brings_clients_of_that_day(tmp_path: Path) -> None:
    world = data.make(tmp_path / "day", SIZE, base_accounts=COPY)
    data.add_day(world, 1, 0.3)
    said = "segment, status, annual_value, customer_since, churned_on"
    newest = "max_by(struct_pack(x := (segment, status, annual_value, customer_since, churned_on)), updated_at)"
    before = dict(rows(world, "crm.accounts", "history_*").aggregate(f"account_id, {newest}").fetchall())
    now = {row[0]: row[1:] for row in rows(world, "crm.accounts", "day_*").project(f"account_id, {said}").fetchall()}

    known = set(now) & set(before)
    assert known
    assert [now[one] for one in sorted(known)] == [before[one]["x"] for one in sorted(known)]
    assert {(now[one][1], now[one][3]) for one in set(now) - set(before)} == {("active", world.day(1))}


def test_roles_of_a_day_begin_on_it_and_questions_are_about_the_last_interaction(tmp_path: Path) -> None:
    world = data.make(tmp_path / "day", SIZE, base_accounts=COPY)
    data.add_day(world, 1, 0.3)
    last = "max_by(interaction_id, (occurred_at, interaction_id))"
    kept = rows(world, "crm.interactions", "history_*").filter("not coalesce(is_deleted, false)")
    about = dict(kept.aggregate(f"account_id, {last}").fetchall())

    spells = rows(world, "crm.contact_roles", "day_*").project("valid_from, valid_to").distinct().fetchall()
    assert spells == [(world.day(1), None)]
    asked = rows(world, "survey.responses", "day_*").filter("interaction_id is not null")
    questions = asked.project("account_id, interaction_id").fetchall()
    assert questions
    assert [one for account, one in questions if one != about.get(account)] == []


def test_days_of_the_same_number_are_the_same_and_land_once(world: data.World, tmp_path: Path) -> None:
    world = data.make(tmp_path / "day", SIZE, base_accounts=COPY)
    data.add_day(world, 1, 0.01)

    with pytest.raises(ValueError, match="immutable"):
        data.add_day(world, 1, 0.01)


def test_a_correction_is_one_new_version_of_one_account(tmp_path: Path) -> None:
    world = data.make(tmp_path / "correction", SIZE, base_accounts=COPY)
    landed = data.correct(world, 3)

    assert (landed.rows, landed.accounts_touched) == ({"crm.accounts": 1}, 1)
    ((account, segment, value, changed),) = (
        rows(world, "crm.accounts", "correction_*").project("account_id, segment, annual_value, updated_at").fetchall()
    )
    before = (
        rows(world, "crm.accounts")
        .filter(f"account_id = '{account}'")
        .order("updated_at desc")
        .project("segment, annual_value, updated_at")
        .fetchall()
    )
    assert before[0][0] == segment
    assert before[0][1] < value
    assert before[0][2] < changed


def test_every_correction_brings_another_value(tmp_path: Path) -> None:
    world = data.make(tmp_path / "correction", SIZE / 2, base_accounts=COPY)
    for number in (1, 2):
        data.correct(world, number)

    assert rows(world, "crm.accounts", "correction_*").aggregate("count(distinct annual_value)").fetchall() == [(2,)]


def test_the_size_of_the_demo_is_that_of_the_demo(tmp_path: Path) -> None:
    world = data.make(
        tmp_path / "demo",
        data.DEMO_MILLIONS,
        base_accounts=data.DEMO_ACCOUNTS,
        interactions_per_account=data.DEMO_INTERACTIONS_PER_ACCOUNT,
    )
    landed = generate(tmp_path / "of the command")

    assert (world.copies, world.accounts) == (1, data.DEMO_ACCOUNTS)
    assert sum(world.rows.values()) == pytest.approx(sum(landed.values()), rel=0.02)


def test_csv_holds_the_same_rows(world: data.World, tmp_path: Path) -> None:
    csv = data.make(tmp_path / "csv", SIZE, base_accounts=COPY, format="csv")

    assert csv.rows == world.rows
    assert count(csv, "crm.interactions") == count(world, "crm.interactions")


def test_a_folder_keeps_what_it_holds(world: data.World, tmp_path: Path) -> None:
    assert data.find(world.folder) == world
    with pytest.raises(ValueError, match="has data already"):
        data.make(world.folder, SIZE, base_accounts=COPY)
    with pytest.raises(ValueError, match="no finished data"):
        data.find(tmp_path)
    made = json.loads((world.folder / "data.json").read_text())
    made["columns"]["billing.invoices"].remove("promised_on")
    (tmp_path / "data.json").write_text(json.dumps(made))
    with pytest.raises(ValueError, match="other contracts"):
        data.find(tmp_path)
    with pytest.raises(ValueError, match="at least 40"):
        data.make(tmp_path / "small", 0.01, base_accounts=COPY)
