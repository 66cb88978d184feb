"""A version written from the one before: what differs is written, a table that does not is the same file."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingest import load
from orchestration import publishing

MONTHS = 20
ROWS = 50  # of a month


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose marts have a table scored by period and one without periods, published once."""
    load.prepare(tmp_path / "warehouse.duckdb")
    write(
        tmp_path,
        f"""
        create schema marts;
        create table marts.rpt_nps as
            select 'month' as period_grain, date '2020-01-01' + to_months(month::int) as period_start,
                'g' || number as group_id, number % 7 as score
            from range({MONTHS}) as months (month), range({ROWS}) as numbers (number);
        comment on column marts.rpt_nps.score is 'Points';
        create table marts.dim_team as select 'ar' as team_id, 'Receivables' as team_name;
        create table marts.publication as select * from memory.publications;
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


def rescore(home: Path, months: int) -> None:
    """Give the first months other scores, as scoring does: the rows are deleted and others inserted."""
    write(
        home,
        f"""
        create table changed as
            select * replace (score + 1 as score) from marts.rpt_nps
            where period_start < date '2020-01-01' + to_months({months});
        delete from marts.rpt_nps where period_start in (select period_start from changed);
        insert into marts.rpt_nps from changed;
        drop table changed;
        """,
    )


def rows(home: Path, source: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "published" / "current" / "answerable.duckdb"), read_only=True) as connection:
        return connection.execute(f"select * from {source} order by all").fetchall()


def truth(home: Path, table: str = "rpt_nps") -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(f"select * from marts.{table} order by all").fetchall()


def parquet(home: Path, table: str) -> Path:
    return home / "published" / "current" / "parquet" / f"{table}.parquet"


def test_periods_that_differ_are_replaced_in_both_files(home: Path) -> None:
    """Changed, new and vanished periods; a table without periods that differs is written whole."""
    rescore(home, 1)
    write(
        home,
        """
        insert into marts.rpt_nps values ('month', date '2030-01-01', 'new', 1);
        delete from marts.rpt_nps where period_start = date '2020-03-01';
        update marts.dim_team set team_name = 'Billing';
        """,
    )
    publish(home)

    for table in ("rpt_nps", "dim_team"):
        assert rows(home, f"marts.{table}") == truth(home, table)
        assert rows(home, f"read_parquet('{parquet(home, table)}')") == truth(home, table)


def test_a_table_without_differences_is_the_same_file(home: Path) -> None:
    """Also where its rows were written again in another order, and a table beside it changed."""
    before = {table: parquet(home, table).stat().st_ino for table in ("rpt_nps", "dim_team")}
    write(
        home,
        """
        create or replace table marts.rpt_nps as from marts.rpt_nps order by score desc;
        comment on column marts.rpt_nps.score is 'Points';
        insert into marts.dim_team values ('desk', 'Support');
        """,
    )
    publish(home)

    assert parquet(home, "rpt_nps").stat().st_ino == before["rpt_nps"]
    assert parquet(home, "dim_team").stat().st_ino != before["dim_team"]
    assert rows(home, "marts.rpt_nps") == truth(home)


def test_other_columns_and_comments_are_written(home: Path) -> None:
    write(
        home,
        """
        alter table marts.rpt_nps add column note varchar default 'x';
        comment on column marts.rpt_nps.score is 'Points of the group';
        """,
    )
    publish(home)

    assert rows(home, "marts.rpt_nps") == truth(home)
    comments = "(select comment from duckdb_columns() where table_name = 'rpt_nps' and column_name = 'score')"
    assert ("Points of the group",) in rows(home, comments)


def test_a_view_is_a_table_in_the_published_file(home: Path) -> None:
    """With its comments, and compared by its rows."""
    write(
        home,
        """
        create view marts.fct_score as select group_id, score from marts.rpt_nps where score > 3;
        comment on view marts.fct_score is 'Good scores';
        comment on column marts.fct_score.score is 'Points';
        """,
    )
    publish(home)

    assert rows(home, "marts.fct_score") == truth(home, "fct_score")
    assert rows(home, "(select comment from duckdb_tables() where table_name = 'fct_score')") == [("Good scores",)]
    assert ("Points",) in rows(home, "(select comment from duckdb_columns() where table_name = 'fct_score')")

    before = parquet(home, "fct_score").stat().st_ino
    publish(home)
    assert parquet(home, "fct_score").stat().st_ino == before
    rescore(home, 1)
    publish(home)
    assert rows(home, "marts.fct_score") == truth(home, "fct_score")


def test_a_table_that_is_gone_is_gone(home: Path) -> None:
    write(home, "drop table marts.dim_team")
    publish(home)

    assert rows(home, "(select table_name from duckdb_tables())") == [("publication",), ("rpt_nps",)]
    assert not parquet(home, "dim_team").exists()


def test_the_served_version_of_another_warehouse_is_compared_as_well(home: Path) -> None:
    """A home put together from parts: what serves is no version of this warehouse."""
    write(home, "delete from memory.publications; update marts.rpt_nps set score = 9 where group_id = 'g1'")
    publish(home)

    assert rows(home, "marts.rpt_nps") == truth(home)
