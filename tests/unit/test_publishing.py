"""Published versions: whole, readable, flipped in one step, pruned, remembered."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from answerable.published import current_version
from ingest import load
from orchestration import publishing
from orchestration.publishing import Publication


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    load.prepare(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.dim_team as select 'ar' as team_id, 'Receivables' as "team's name";
            comment on table marts.dim_team is 'One row per team; it''s short';
            comment on column marts.dim_team.team_id is 'Code of the team';
            create table marts.publication as select * from memory.publications;
            insert into raw.crm_products by name
                select 'p' as product_id, '2026-01-02 03:04:05+00'::timestamptz as updated_at, now() as _loaded_at;
            """
        )
    return path


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return tmp_path / "published"


def publish(warehouse: Path, published: Path, **changes: Any) -> Publication:
    arguments: dict[str, Any] = {
        "keep_versions": 3,
        "programme_hash": "p",
        "code_version": "1",
        "checks_passed": 7,
        **changes,
    }
    return publishing.publish(warehouse, published, publishing.next_version(published, "test"), **arguments)


def read(published: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published / "current" / "answerable.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_version_holds_the_marts_with_their_comments_and_nothing_else(warehouse: Path, published: Path) -> None:
    publish(warehouse, published)

    assert read(published, """select team_id, "team's name" from marts.dim_team""") == [("ar", "Receivables")]
    assert read(published, "select distinct schema_name from duckdb_tables()") == [("marts",)]
    assert read(published, "select comment from duckdb_tables() where table_name = 'dim_team'") == [
        ("One row per team; it's short",)
    ]
    assert read(published, "select comment from duckdb_columns() where column_name = 'team_id'") == [
        ("Code of the team",)
    ]


def test_the_same_tables_lie_beside_as_parquet(warehouse: Path, published: Path) -> None:
    publish(warehouse, published)

    folder = published / "current" / "parquet"
    assert sorted(path.name for path in folder.iterdir()) == ["dim_team.parquet", "publication.parquet"]
    assert duckdb.read_parquet(str(folder / "publication.parquet")).shape == (1, 8)


def test_the_version_knows_itself_and_its_predecessors(warehouse: Path, published: Path) -> None:
    first, second = publish(warehouse, published), publish(warehouse, published)

    rows = read(
        published,
        "select version, checks_passed, row_counts, input_watermarks from marts.publication order by version",
    )
    assert [row[:2] for row in rows] == [(first.version, 7), (second.version, 7)]
    assert json.loads(rows[1][2]) == {"dim_team": 1, "publication": 2}
    assert json.loads(rows[1][3])["crm.products"]["updated_at"] == "2026-01-02 03:04:05+00"


def test_an_input_is_taken_in_when_a_file_of_it_is_and_not_when_a_folder_is_looked_at(
    warehouse: Path, published: Path
) -> None:
    """By the clock of the run: a file or database without news counts, a file that is rejected or ignored does not."""

    def run(as_of: str, *statuses: str, synced: dict[str, datetime] | None = None) -> str | None:
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("delete from memory.clock")
            connection.execute("insert into memory.clock by name select ?::timestamptz as as_of", [as_of])
            for status in statuses:
                connection.execute(
                    "insert into raw.load_ledger by name select 'crm' as source, 'products' as entity, "
                    "? as status, now() as loaded_at, gen_random_uuid()::varchar as file",
                    [status],
                )
        taken = publish(warehouse, published, synced=synced or {}).input_watermarks["crm.products"]["taken_in_at"]
        return taken and taken[:16]

    assert run("2026-01-01 00:00:00+00", "rejected") is None
    assert run("2026-01-02 00:00:00+00", "loaded") == "2026-01-02 00:00"
    assert run("2026-01-03 00:00:00+00") == "2026-01-02 00:00"
    assert run("2026-01-04 00:00:00+00", "ignored", "rejected") == "2026-01-02 00:00"
    assert run("2026-01-05 00:00:00+00", "duplicate") == "2026-01-05 00:00"
    assert run("2026-01-06 00:00:00+00") == "2026-01-05 00:00"
    synced = {"crm.products": datetime.now(UTC)}
    assert run("2026-01-07 00:00:00+00", synced=synced) == "2026-01-07 00:00"
    assert run("2026-01-08 00:00:00+00", synced=synced) == "2026-01-07 00:00"


def test_current_is_a_relative_link_to_the_newest(warehouse: Path, published: Path) -> None:
    publication = publish(warehouse, published)

    assert (published / "current").readlink() == Path(publication.version)
    assert current_version(published) == publication.version


def test_only_the_last_versions_stay(warehouse: Path, published: Path) -> None:
    names = [publish(warehouse, published, keep_versions=2).version for _ in range(4)]

    assert publishing.versions(published) == names[-2:]
    assert sorted(path.name for path in published.iterdir()) == [*names[-2:], "current"]


def test_an_open_reader_keeps_its_version_and_the_next_one_sees_the_new(warehouse: Path, published: Path) -> None:
    first = publish(warehouse, published)
    database = str(published / "current" / "answerable.duckdb")
    with duckdb.connect(database, read_only=True) as reader:
        second = publish(warehouse, published, keep_versions=1)
        seen = reader.execute("select max(version) from marts.publication").fetchall()

    assert seen == [(first.version,)]
    assert read(published, "select max(version) from marts.publication") == [(second.version,)]


def test_what_killed_publications_left_is_removed(warehouse: Path, published: Path) -> None:
    first = publish(warehouse, published)
    half = published / "20990101T000000000000Z-dead.tmp"
    half.mkdir()
    (half / "answerable.duckdb").write_text("half")
    never_served = published / "20990101T000000000000Z-beef"
    never_served.mkdir()
    (never_served / "answerable.duckdb").write_text("whole, but nobody was told")
    (published / "20990101T000000000000Z-dead.link.tmp").symlink_to("nowhere")
    (published / "notes.txt").write_text("not ours")

    second = publish(warehouse, published)

    assert sorted(path.name for path in published.iterdir()) == sorted(
        [first.version, second.version, "current", "notes.txt"]
    )


def test_a_version_whose_run_died_after_the_flip_is_remembered(warehouse: Path, published: Path) -> None:
    first = publish(warehouse, published)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from memory.publications")

    second = publish(warehouse, published)

    assert read(published, "select version from marts.publication order by 1") == [
        (first.version,),
        (second.version,),
    ]


def test_a_publication_that_fails_leaves_the_last_one_serving(warehouse: Path, published: Path) -> None:
    first = publish(warehouse, published)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("alter table marts.publication rename column version to name")

    with pytest.raises(duckdb.Error):
        publish(warehouse, published)

    assert current_version(published) == first.version
    assert sorted(path.name for path in published.iterdir()) == [first.version, "current"]


def test_versions_sort_even_if_the_clock_goes_back(published: Path) -> None:
    future = published / "20990101T000000000000Z-test"
    future.mkdir(parents=True)
    (future / "answerable.duckdb").touch()

    assert publishing.next_version(published, "test") == "20990101T000000000001Z-test"
