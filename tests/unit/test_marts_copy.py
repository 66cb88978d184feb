"""A version written from the one before: what changed is there, what did not is the same file, worn tables are new."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingest import load
from orchestration import publishing

ROWS = 1000


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose marts have a maintained table of 1,000 interactions and a plain one, published once."""
    load.prepare(tmp_path / "warehouse.duckdb")
    write(
        tmp_path,
        f"""
        create schema marts;
        create table marts.fct_interaction as
            select 'i' || range as interaction_id, range % 7 as effort from range({ROWS});
        comment on column marts.fct_interaction.effort is 'Minutes';
        create table marts.dim_team as select 'ar' as team_id;
        create table marts.publication as select * from raw.publications;
        create schema build;
        create table build.changes
            (model varchar, name varchar, value varchar, first_day date, last_day date, is_built boolean);
        create table build.definitions (model varchar, definition varchar, unit varchar, unit_sql varchar);
        create table build.loads (load_id varchar, is_published boolean);
        insert into build.definitions values ('fct_interaction', 'd', 'interaction_id', 'interaction_id');
        """,
    )
    publish(tmp_path)
    return tmp_path


def write(home: Path, sql: str) -> None:
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(sql)


def publish(home: Path) -> str:
    published = home / "published"
    version = publishing.next_version(published, "test")
    publishing.publish(
        home / "warehouse.duckdb",
        published,
        version,
        keep_versions=3,
        programme_hash="p",
        code_version="1",
        checks_passed=1,
    )
    return version


def change(home: Path, condition: str) -> None:
    """Change the interactions as a maintained model does: note, delete, insert."""
    write(
        home,
        f"""
        insert into build.changes
            select 'fct_interaction', 'interaction_id', interaction_id, null, null, true
            from marts.fct_interaction where {condition};
        update marts.fct_interaction set effort = effort + 100 where {condition};
        """,
    )


def rows(home: Path, source: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "published" / "current" / "answerable.duckdb"), read_only=True) as connection:
        return connection.execute(f"select * from {source} order by all").fetchall()


def truth(home: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute("select * from marts.fct_interaction order by all").fetchall()


def inode(home: Path, table: str) -> int:
    return (home / "published" / "current" / "parquet" / f"{table}.parquet").stat().st_ino


def test_changed_rows_are_replaced_in_both_files(home: Path) -> None:
    change(home, "interaction_id in ('i3', 'i4')")
    write(
        home,
        """
        insert into marts.fct_interaction values ('new', 1);
        delete from marts.fct_interaction where interaction_id = 'i5';
        insert into build.changes values ('fct_interaction', 'interaction_id', 'new', null, null, true),
            ('fct_interaction', 'interaction_id', 'i5', null, null, true);
        """,
    )
    publish(home)

    assert rows(home, "marts.fct_interaction") == truth(home)
    parquet = home / "published" / "current" / "parquet" / "fct_interaction.parquet"
    assert rows(home, f"read_parquet('{parquet}')") == truth(home)


def test_a_table_without_changes_is_the_same_file_and_a_plain_one_is_written(home: Path) -> None:
    before = inode(home, "fct_interaction"), inode(home, "dim_team")
    publish(home)

    assert inode(home, "fct_interaction") == before[0]
    assert inode(home, "dim_team") != before[1]
    assert rows(home, "marts.fct_interaction") == truth(home)


def test_what_was_published_is_forgotten_and_what_was_not_yet_built_stays(home: Path) -> None:
    change(home, "interaction_id = 'i3'")
    write(home, "insert into build.changes values ('fct_interaction', 'interaction_id', 'i9', null, null, false)")
    publish(home)

    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        assert connection.execute("select value from build.changes").fetchall() == [("i9",)]


def test_a_table_that_was_built_whole_is_written_whole(home: Path) -> None:
    write(
        home,
        """
        update marts.fct_interaction set effort = 5;
        insert into build.changes values ('fct_interaction', '*', null, null, null, true);
        """,
    )
    publish(home)

    assert rows(home, "marts.fct_interaction") == truth(home)


def test_other_columns_and_comments_are_written(home: Path) -> None:
    write(
        home,
        """
        alter table marts.fct_interaction add column channel varchar;
        comment on column marts.fct_interaction.effort is 'Minutes spent';
        """,
    )
    publish(home)

    assert rows(home, "marts.fct_interaction") == truth(home)
    assert rows(home, "(select comment from duckdb_columns() where column_name = 'effort')") == [("Minutes spent",)]


def test_replaced_rows_do_not_pile_up(home: Path) -> None:
    for day in range(12):
        change(home, f"substr(interaction_id, 2)::int % 12 = {day}")
        publish(home)

    assert rows(home, "marts.fct_interaction") == truth(home)
    stored = rows(home, "(select estimated_size from duckdb_tables() where table_name = 'fct_interaction')")
    assert int(str(stored[0][0])) <= 1.2 * ROWS


def test_a_table_that_is_gone_is_gone(home: Path) -> None:
    write(home, "drop table marts.dim_team")
    publish(home)

    assert rows(home, "(select table_name from duckdb_tables())") == [("fct_interaction",), ("publication",)]
    assert not (home / "published" / "current" / "parquet" / "dim_team.parquet").exists()


def test_a_version_this_warehouse_does_not_know_is_no_base(home: Path) -> None:
    """The warehouse was put back from an earlier day: the served version has changes it never heard of."""
    write(home, "update marts.fct_interaction set effort = 0; delete from raw.publications")
    publish(home)

    assert rows(home, "marts.fct_interaction") == truth(home)


def test_tables_that_are_written_whole_do_not_make_the_file_grow(home: Path) -> None:
    write(home, "create or replace table marts.dim_team as select hash(range) as team_id from range(200000)")
    publish(home)
    first = (home / "published" / "current" / "answerable.duckdb").stat().st_size
    publish(home)

    assert (home / "published" / "current" / "answerable.duckdb").stat().st_size < 1.2 * first
