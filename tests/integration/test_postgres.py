"""Publishing to PostgreSQL: the same figures, keys, comments and rights; readers never fail; killed, it stays whole."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest
import sqlalchemy as sa
from conftest import Installation
from postgres_server import PASSWORD, QUOTED, Server, running

from orchestration import manifest, postgres
from orchestration.manifest import Grain

HOSTILE = [
    "'; drop schema marts cascade; --",
    '"quoted" \\ name',
    "=cmd|' /C calc'!A1",
    "\x1b[31m \r\n\t",
    "Ω 客户 😀",
    "",
]
GRAINS = {
    "dim_team": Grain(("team_id",), False),
    "fct_handoff": Grain(("handoff_id",), False),
    "bridge_contact_role": Grain(("contact_key", "valid_to"), True),
}
PUBLISH_FOREVER = """
import sys
from pathlib import Path
from orchestration import postgres
print("ready", flush=True)
while True:
    postgres.publish(sys.argv[1], Path(sys.argv[2]), {})
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def published_run(
    server: Server, worked_example: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    """The worked example, published again where there is a database to publish to."""
    installation = worked_example.copy(tmp_path_factory.mktemp("postgres"))
    installation.settings["ANSWERABLE_POSTGRES_URL"] = server.url()
    result = installation.run("run", "--force")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Writing to PostgreSQL" in result.stdout
    return installation


@pytest.fixture(scope="module")
def people(server: Server, published_run: Installation) -> None:
    server.rows("grant bi_reader to analyst", user="admin")
    server.rows("grant team_ar to agent", user="admin")


@pytest.fixture
def database(server: Server) -> Iterator[Server]:
    """The server with no schema of ours in it."""
    _empty(server)
    yield server
    _empty(server)


def _empty(server: Server) -> None:
    for (schema,) in server.rows("select nspname from pg_namespace where nspname like 'marts%' or nspname = 'reports'"):
        server.rows(f"drop schema {schema} cascade", user="admin")


def write_version(published: Path, version: str, sql: str) -> Path:
    """Serve a version that `sql` makes."""
    (published / version).mkdir(parents=True)
    with duckdb.connect(str(published / version / "answerable.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'; create schema marts; use marts;")
        connection.execute(sql)
    link = published / "link.tmp"
    link.symlink_to(version)
    link.replace(published / "current")
    return published


def texts(values: list[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


# What a run publishes


def test_every_table_is_the_same_value_for_value(server: Server, published_run: Installation) -> None:
    tables = [name for (name,) in published_run.rows("select table_name from duckdb_tables() order by 1")]
    assert server.rows("select tablename from pg_tables where schemaname = 'marts' order by 1") == [
        (name,) for name in tables
    ]
    for table in tables:
        rows = published_run.rows(f'from marts."{table}"')
        assert sorted(map(repr, map(_comparable, server.rows(f'select * from marts."{table}"')))) == sorted(
            map(repr, map(_comparable, rows))
        ), table
    assert sum(published_run.rows(f'select count(*) from marts."{table}"')[0][0] for table in tables) > 1000


def _comparable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Both drivers give the same Python types; an instant carries its driver's own name for UTC."""
    return tuple(value.timestamp() if hasattr(value, "timestamp") else value for value in row)


def test_types_are_those_a_bi_tool_knows(server: Server, published_run: Installation) -> None:
    words = {
        "VARCHAR": "text", "TIMESTAMP WITH TIME ZONE": "timestamp with time zone", "DOUBLE": "double precision",
        "BIGINT": "bigint", "DATE": "date", "BOOLEAN": "boolean", "DECIMAL(18,2)": "numeric(18,2)",
    }  # fmt: skip
    declared = published_run.rows(
        "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'marts'"
    )
    found = server.rows(
        """
        select relname, attname, format_type(atttypid, atttypmod) from pg_attribute
        join pg_class on pg_class.oid = attrelid
        where relnamespace = 'marts'::regnamespace and relkind = 'r' and attnum > 0
        """
    )

    assert sorted(found) == sorted((table, column, words[kind]) for table, column, kind in declared)


def test_every_table_has_its_grain_as_key(server: Server, published_run: Installation) -> None:
    grains = manifest.grains(json.loads((published_run.home / "dbt" / "target" / "manifest.json").read_text()))
    tables = {name for (name,) in published_run.rows("select table_name from duckdb_tables()")}
    found = server.rows(
        """
        select relname, contype::text, array_agg(attname::text order by attnum) from pg_constraint
        join pg_class on pg_class.oid = conrelid
        join pg_attribute on attrelid = conrelid and attnum = any (conkey)
        where connamespace = 'marts'::regnamespace and contype in ('p', 'u') group by 1, 2
        """
    )

    assert {(table, kind, frozenset(columns)) for table, kind, columns in found} == {
        (table, "u" if grains[table].may_be_null else "p", frozenset(grains[table].columns)) for table in tables
    }


def test_a_bi_tool_finds_schemas_tables_columns_keys_and_comments(
    server: Server, published_run: Installation, people: None
) -> None:
    """As the analyst, over SQLAlchemy: what Superset and a notebook do when they connect."""
    engine = sa.create_engine(server.url("analyst"))
    inspector = sa.inspect(engine)

    assert "marts" in inspector.get_schema_names()
    assert {"rpt_nps", "dim_account", "fct_handoff"} <= set(inspector.get_table_names("marts"))
    for table in ("rpt_nps", "dim_account"):
        comment = published_run.rows("select comment from duckdb_tables() where table_name = ?", table)[0][0]
        assert comment and inspector.get_table_comment(table, "marts")["text"] == comment
        described = published_run.rows("select column_name, comment from duckdb_columns() where table_name = ?", table)
        assert [(column["name"], column["comment"]) for column in inspector.get_columns(table, "marts")] == described
    assert inspector.get_pk_constraint("dim_account", "marts")["constrained_columns"] == ["account_id"]
    with engine.connect() as connection:
        assert connection.execute(sa.text("select count(*) from marts.rpt_nps")).scalar_one() > 0
    engine.dispose()


def test_the_catalogue_answers_the_questions_of_odbc_and_jdbc(server: Server, people: None) -> None:
    """What Power BI, Tableau, Metabase and Excel ask: tables with remarks, columns, primary keys, rows."""
    tables = server.rows(
        """
        select n.nspname, c.relname, case c.relkind when 'r' then 'TABLE' when 'v' then 'VIEW' end, d.description
        from pg_catalog.pg_namespace n join pg_catalog.pg_class c on c.relnamespace = n.oid
        left join pg_catalog.pg_description d on c.oid = d.objoid and d.objsubid = 0
            and d.classoid = 'pg_class'::regclass
        where n.nspname like 'marts' and c.relkind in ('r', 'v', 'm', 'f', 'p')
        """,
        user="analyst",
    )
    assert all(kind == "TABLE" and remarks for _, _, kind, remarks in tables)
    listed = server.rows(
        "select table_name from information_schema.tables where table_schema = 'marts'", user="analyst"
    )
    assert ("rpt_nps",) in listed
    assert ("rpt_nps_lineage",) not in listed  # the standard's catalogue shows what may be read
    assert server.rows(
        "select column_name, data_type, is_nullable from information_schema.columns "
        "where table_schema = 'marts' and table_name = 'dim_team' and column_name = 'team_id'",
        user="analyst",
    ) == [("team_id", "text", "NO")]
    keys = server.rows(
        """
        select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
        where i.indisprimary and i.indrelid = 'marts.dim_account'::regclass
        """,
        user="analyst",
    )
    assert keys == [("account_id",)]
    assert server.rows("select reltuples > 0 from pg_class where oid = 'marts.rpt_nps'::regclass") == [(True,)]


def test_the_odbc_driver_of_excel_and_power_bi_finds_types_keys_and_rows(
    server: Server, published_run: Installation, people: None
) -> None:
    """What psqlODBC asks for SQLColumns, SQLPrimaryKeys and SQLForeignKeys, and how it fetches: by a named cursor."""
    columns = server.rows(
        r"""
        select a.attname, t.typname, a.atttypmod, a.attnotnull, c.relhasrules, c.relkind,
            pg_get_expr(d.adbin, d.adrelid), case t.typtype when 'd' then t.typbasetype else 0 end,
            a.attidentity, c.relhassubclass
        from pg_catalog.pg_class c
        inner join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        inner join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped and a.attnum > 0
        inner join pg_catalog.pg_type t on t.oid = a.atttypid
        left join pg_catalog.pg_attrdef d on a.atthasdef and d.adrelid = a.attrelid and d.adnum = a.attnum
        where n.nspname like E'marts' and c.relname like E'rpt\\_account\\_health'
        order by n.nspname, c.relname, a.attnum
        """,
        user="analyst",
    )
    declared = published_run.rows("select column_name from duckdb_columns() where table_name = 'rpt_account_health'")
    assert [row[0] for row in columns] == [name for (name,) in declared]
    assert {row[1] for row in columns} <= {"text", "timestamptz", "float8", "int8", "date", "bool", "numeric"}
    scale = {((modifier - 4) & 0xFFFF) for _, name, modifier, *_ in columns if name == "numeric"}
    assert scale == {2}
    # no rule, no view, no default, no domain, no identity, no child: nothing the driver would take apart
    assert {row[4:] for row in columns} == {(False, "r", None, 0, "", False)}
    keys = server.rows(
        """
        select a.attname, i.indkey[a.attnum - 1], ic.relname
        from pg_catalog.pg_index i
        inner join pg_catalog.pg_class ic on ic.oid = i.indexrelid
        inner join pg_catalog.pg_attribute a on a.attrelid = i.indexrelid
        inner join pg_catalog.pg_class c on c.oid = i.indrelid
        inner join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'marts' and c.relname = 'rpt_response_rate' and i.indisprimary
        order by a.attnum
        """,
        user="analyst",
    )
    assert [name for name, *_ in keys] == ["level", "period_grain", "period_start", "split", "group_id"]
    assert {index for *_, index in keys} == {"rpt_response_rate_pkey"}
    assert server.rows(
        "select count(*) from pg_catalog.pg_constraint where contype = 'f' and connamespace = 'marts'::regnamespace",
        user="analyst",
    ) == [(0,)]
    (expected,) = published_run.rows("select count(*) from marts.rpt_nps")
    with server.connect("analyst") as connection, connection.cursor() as cursor:
        cursor.execute('begin; declare "SQL_CUR1" cursor with hold for select * from "bi"."marts"."rpt_nps"')
        cursor.execute('fetch 100000 in "SQL_CUR1"')
        assert len(cursor.fetchall()) == expected[0]
        cursor.execute('close "SQL_CUR1"; commit')


# Who may read what


@pytest.mark.parametrize(
    "sql",
    [
        "insert into marts.dim_role values (null)",
        "update marts.dim_team set team_name = ''",
        "delete from marts.rpt_nps",
        "truncate marts.rpt_nps",
        "drop table marts.rpt_nps",
        "create table marts.mine (id int)",
        "create table marts.mine as select 1 as id",
        "alter table marts.rpt_nps disable row level security",
        "drop schema marts cascade",
        "select * from marts.rpt_nps_lineage",
        "select * from marts.rpt_team_contribution_lineage",
        "select * from marts.fct_survey_response",
        "select * from marts.fct_survey_answer",
        "select * from marts.fct_feedback_delivery",
    ],
)
def test_a_reader_can_select_figures_and_nothing_else(server: Server, people: None, sql: str) -> None:
    with pytest.raises((psycopg2.errors.InsufficientPrivilege, psycopg2.errors.SyntaxError)) as refused:
        server.rows(sql, user="analyst")

    assert isinstance(refused.value, psycopg2.errors.InsufficientPrivilege)


def test_a_reader_sees_all_rows_of_figures(server: Server, published_run: Installation, people: None) -> None:
    for table in ("rpt_nps", "rpt_team_contribution", "fct_handoff", "fct_journey_stage", "dim_contact"):
        (expected,) = published_run.rows(f"select count(*) from marts.{table}")
        assert server.rows(f"select count(*) from marts.{table}", user="analyst") == [expected]
    assert len(server.rows("select * from marts.fct_interaction", user="analyst")) == len(
        published_run.rows("select interaction_id from marts.fct_interaction")
    )


def test_a_stranger_sees_nothing(server: Server, people: None) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        server.rows("select * from marts.rpt_nps", user="stranger")


def test_a_team_sees_its_rows_and_nobody_elses(server: Server, published_run: Installation, people: None) -> None:
    """The agent is of the team ar; every table with rows of teams, compared with the file's rows."""
    columns = published_run.rows(
        """
        select table_name, list(column_name) from duckdb_columns()
        where column_name like '%team_id' and table_name not like 'dim_%' and table_name not like 'bridge_%'
            and table_name not like '%_lineage'
        group by 1
        """
    )
    others = 0
    for table, names in columns:
        mine = " or ".join(f"{name} = 'ar'" for name in names)
        (expected,) = published_run.rows(f"select count(*) from marts.{table} where {mine}")
        assert server.rows(f"select count(*) from marts.{table}", user="agent") == [expected], table
        others += published_run.rows(f"select count(*) from marts.{table}")[0][0] - expected[0]
    assert len(columns) > 8
    assert others > 0
    assert server.rows("select count(*) > 0 from marts.rpt_team_contribution", user="agent") == [(True,)]
    # what is of the whole company, every team sees
    for table in ("rpt_nps", "dim_team", "dim_account"):
        (expected,) = published_run.rows(f"select count(*) from marts.{table}")
        assert server.rows(f"select count(*) from marts.{table}", user="agent") == [expected]
    for table in ("rpt_team_contribution_lineage", "rpt_nps_lineage", "fct_survey_response", "fct_survey_answer"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            server.rows(f"select * from marts.{table}", user="agent")


# When it can't be


def test_the_doctor_says_what_answers(server: Server, published_run: Installation) -> None:
    result = published_run.run("doctor")

    assert "PostgreSQL 16" in result.stdout
    assert "Answerable, version " in " ".join(result.stdout.split())
    assert PASSWORD not in result.stdout
    assert QUOTED not in result.stdout


def test_without_a_server_the_version_is_published_and_the_run_says_so(
    published_run: Installation, server: Server, tmp_path: Path
) -> None:
    before = published_run.rows("select max(version) from marts.publication")
    served = server.rows("select max(version) from marts.publication")
    unreachable = Installation(
        published_run.home,
        published_run.landing,
        published_run.programme,
        settings={"ANSWERABLE_POSTGRES_URL": f"postgresql://publisher:{QUOTED}@127.0.0.1:1/bi"},
    )

    result = unreachable.run("run")

    said = result.stdout + result.stderr
    assert result.returncode == 1
    assert result.stdout.splitlines()[-1].startswith("published, but not to PostgreSQL: ")
    assert "127.0.0.1" in result.stdout.splitlines()[-1]
    assert PASSWORD not in said
    assert QUOTED not in said
    assert unreachable.rows("select max(version) from marts.publication") > before
    # of one programme and one code, whatever it is published to
    assert unreachable.rows("select count(distinct (programme_hash, code_version)) from marts.publication") == [(1,)]
    assert server.rows("select max(version) from marts.publication") == served
    logged = [
        path for path in published_run.home.rglob("*")
        if path.is_file() and any(secret.encode() in path.read_bytes() for secret in (PASSWORD, QUOTED))
    ]  # fmt: skip
    assert logged == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://publisher:wrong%20s3cret@127.0.0.1:{port}/bi",
        "postgresql://publisher@127.0.0.1:{port}/bi?password=wrong%20s3cret",
        "postgresql://publisher:wrong%20s3cret@127.0.0.1:{port}/none_such",
        "postgresql://publisher:wrong%20s3cret@127.0.0.1:port/bi",
        "postgresql://publisher:wrong%20s3cret@127.0.0.1:{port}/bi?nonsense=wrong%20s3cret",
        "postgresql://publisher:wrong%zz s3cret@127.0.0.1:{port}/bi",
    ],
)
def test_no_message_holds_the_password(server: Server, tmp_path: Path, url: str) -> None:
    with pytest.raises(postgres.PostgresError) as error:
        postgres.publish(url.format(port=server.port), tmp_path, {})

    assert "s3cret" not in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__context__ is None


def test_a_schema_of_something_else_is_left_alone(database: Server, tmp_path: Path) -> None:
    database.rows("create schema marts; create table marts.mine as select 1 as id")
    published = write_version(tmp_path, "v1", "create table a as select 1::bigint as id")

    with pytest.raises(postgres.PostgresError, match="not Answerable's"):
        postgres.publish(database.url(), published, {})

    assert database.rows("select id from marts.mine") == [(1,)]


def test_a_failure_midway_leaves_marts_as_it_was(database: Server, tmp_path: Path) -> None:
    published = write_version(tmp_path, "v1", "create table a as select 1::bigint as id")
    postgres.publish(database.url(), published, {})
    write_version(tmp_path, "v2", "create table a as select 2::bigint as id; create table b as from a union all from a")

    with pytest.raises(postgres.PostgresError, match="b_pkey"):
        postgres.publish(database.url(), published, {"b": Grain(("id",), False)})

    assert database.rows("select id from marts.a") == [(1,)]
    assert database.rows("select nspname from pg_namespace where nspname like 'marts%'") == [("marts",)]


def test_a_second_publication_waits_and_then_says_so(database: Server, tmp_path: Path) -> None:
    published = write_version(tmp_path, "v1", "create table a as select 1::bigint as id")
    first = database.connect()
    with first.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [postgres._LOCK])

    with pytest.raises(postgres.PostgresError, match="another publication"):
        postgres.publish(database.url(), published, {}, lock_timeout=0.2)
    threading.Timer(0.5, first.close).start()

    assert postgres.publish(database.url(), published, {}, lock_timeout=20).version == "v1"


def test_a_leftover_is_replaced(database: Server, tmp_path: Path) -> None:
    database.rows("create schema marts__next; create table marts__next.rubbish (id int)")
    published = write_version(tmp_path, "v1", "create table a as select 1::bigint as id")

    postgres.publish(database.url(), published, {})

    assert database.rows("select tablename from pg_tables where schemaname like 'marts%'") == [("a",)]


# What is hostile, and what is extreme


def test_hostile_names_stay_data(database: Server, tmp_path: Path) -> None:
    rows = ", ".join(f"({number}, {texts([text])})" for number, text in enumerate(HOSTILE))
    name = """a"b'; drop"""
    quoted = '"' + name.replace('"', '""') + '"'
    published = write_version(
        tmp_path,
        "v1",
        f"""
        create table dim_account as select i::bigint as id, t as {quoted} from (values {rows}) as _(i, t);
        comment on table dim_account is {texts([HOSTILE[0]])};
        comment on column dim_account.{quoted} is {texts([HOSTILE[1]])};
        create table dim_team as
            select t as team_id, true as is_in_programme from (values {rows}) as _(i, t) where i < 3;
        create table fct_handoff as
            select i::varchar as handoff_id, t as from_team_id, 'x' as to_team_id from (values {rows}) as _(i, t);
        """,
    )

    postgres.publish(database.url(), published, GRAINS)

    assert database.rows(f"select id, {quoted} from marts.dim_account order by id") == list(enumerate(HOSTILE))
    assert database.rows("select obj_description('marts.dim_account'::regclass)") == [(HOSTILE[0],)]
    assert database.rows("select col_description('marts.dim_account'::regclass, 2)") == [(HOSTILE[1],)]
    role = "team_" + HOSTILE[0]
    grant = f'''grant "{role}" to stranger'''
    database.rows(grant, user="admin")
    assert database.rows("select from_team_id from marts.fct_handoff", user="stranger") == [(HOSTILE[0],)]


def test_extreme_values_arrive(database: Server, tmp_path: Path) -> None:
    published = write_version(
        tmp_path,
        "v1",
        """
        create table a as
        select * from (values
            (1::bigint, 9999999999999999.99::decimal(18,2), 'nan'::double, '0001-01-01'::date,
             '1970-01-01 00:00:00.000001+00'::timestamptz, true),
            ((-9223372036854775808)::bigint, -0.01::decimal(18,2), 'inf'::double, '9999-12-31'::date,
             '9999-12-31 23:59:59.999999+00'::timestamptz, false),
            (9223372036854775807::bigint, 0::decimal(18,2), 1.7976931348623157e308, '2024-02-29'::date,
             '0001-01-01 00:00:00+00'::timestamptz, null),
            (null, -9999999999999999.99::decimal(18,2), 5e-324, null, null, null)
        ) as _(i, d, f, on_day, happened_at, b)
        """,
    )

    postgres.publish(database.url(), published, {})

    sql = (
        "select i::text, d::text, f, on_day::text, (happened_at at time zone 'UTC')::text, b from marts.a order by a.d"
    )
    with duckdb.connect(str(published / "current" / "answerable.duckdb"), read_only=True) as file:
        assert list(map(repr, database.rows(sql))) == list(map(repr, file.execute(sql).fetchall()))


def test_the_guard_is_read_by_account_readers_and_by_the_team_that_sends(database: Server, tmp_path: Path) -> None:
    published = write_version(
        tmp_path,
        "v1",
        """
        create table dim_team as select unnest(['billing', 'sales']) as team_id, true as is_in_programme;
        create table rpt_notice_guard as select * from
            (values ('1', 'sales', 'billing'), ('2', 'billing', 'sales')) as _(invoice_id, decides_team_id, team_id);
        """,
    )
    postgres.publish(database.url(), published, GRAINS)
    for role, person in (("bi_reader", "analyst"), ("account_reader", "stranger"), ("team_billing", "agent")):
        database.rows(f"grant {role} to {person}", user="admin")
    guard = "select invoice_id from marts.rpt_notice_guard order by 1"

    assert database.rows(guard, user="stranger") == [("1",), ("2",)]
    assert database.rows(guard, user="agent") == [("1",)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        database.rows(guard, user="analyst")
    assert len(database.rows("select * from marts.dim_team", user="stranger")) == 2


# Readers, and those who hold on


def two_versions(published: Path) -> None:
    for version, value in (("v1", 1), ("v2", 2)):
        write_version(
            published,
            version,
            f"""
            create table a as select range as id, {value}::bigint as version from range(20000);
            create table b as from a;
            create table publication as select {value}::bigint as version
            """,
        )


def serve(published: Path, version: str) -> None:
    link = published / "link.tmp"
    link.symlink_to(version)
    link.replace(published / "current")


def test_readers_see_one_version_and_no_error_during_swaps(database: Server, tmp_path: Path) -> None:
    two_versions(tmp_path)
    postgres.publish(database.url(), tmp_path, {})
    database.rows("grant bi_reader to analyst", user="admin")
    stop, seen, errors = threading.Event(), [], []

    def read(prepared: bool) -> None:
        connection = database.connect("analyst")
        sql = "select max(a.version), min(b.version), count(*) from marts.a join marts.b using (id)"
        with connection.cursor() as cursor:
            if prepared:
                cursor.execute(f"prepare report as {sql}")
            while not stop.is_set():
                try:
                    cursor.execute("execute report" if prepared else sql)
                    seen.append(cursor.fetchone())
                except psycopg2.Error as error:
                    errors.append(error)
        connection.close()

    readers = [threading.Thread(target=read, args=(prepared,)) for prepared in (True, False, False)]
    for reader in readers:
        reader.start()
    for round_ in range(10):
        serve(tmp_path, "v1" if round_ % 2 == 0 else "v2")
        postgres.publish(database.url(), tmp_path, {"a": Grain(("id",), False)})
    stop.set()
    for reader in readers:
        reader.join()

    assert errors == []
    assert set(seen) == {(1, 1, 20000), (2, 2, 20000)}
    assert len(seen) > 50


def test_an_open_query_holds_nothing_up_and_its_tables_go_later(
    database: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_DROP_PATIENCE", "100ms")
    two_versions(tmp_path)
    serve(tmp_path, "v1")
    postgres.publish(database.url(), tmp_path, {})
    reader = database.connect("admin")
    reader.autocommit = False
    with reader.cursor() as cursor:
        cursor.execute("declare long cursor for select version from marts.a")
        cursor.execute("fetch 10 from long")
        serve(tmp_path, "v2")

        served = postgres.publish(database.url(), tmp_path, {})

        assert len(served.left) == 1
        assert database.rows("select distinct version from marts.a") == [(2,)]
        cursor.execute("fetch all from long")
        assert {row[0] for row in cursor.fetchall()} == {1}
    reader.close()

    assert postgres.publish(database.url(), tmp_path, {}).left == []
    assert database.rows("select nspname from pg_namespace where nspname like 'marts%'") == [("marts",)]


def test_a_view_that_somebody_keeps_is_never_dropped_and_one_on_a_function_follows(
    database: Server, tmp_path: Path
) -> None:
    """As docs/bi.md says it: a view hangs on the tables it was made on, a function looks them up."""
    two_versions(tmp_path)
    serve(tmp_path, "v1")
    postgres.publish(database.url(), tmp_path, {})
    database.rows(
        """
        create schema reports;
        create view reports.fixed as select max(version) as version from marts.a;
        create function reports.latest() returns bigint language sql stable as 'select max(version) from marts.a';
        create view reports.following as select reports.latest() as version;
        """,
        user="admin",
    )
    serve(tmp_path, "v2")

    served = postgres.publish(database.url(), tmp_path, {})

    assert len(served.left) == 1
    assert database.rows("select version from reports.fixed", user="admin") == [(1,)]
    assert database.rows("select version from reports.following", user="admin") == [(2,)]
    assert postgres.publish(database.url(), tmp_path, {}).left == served.left


def test_killed_at_any_instant_marts_is_whole(database: Server, tmp_path: Path) -> None:
    two_versions(tmp_path)
    postgres.publish(database.url(), tmp_path, {})
    chance = random.Random(0)
    for round_ in range(8):
        serve(tmp_path, "v1" if round_ % 2 else "v2")
        with subprocess.Popen(
            [sys.executable, "-c", PUBLISH_FOREVER, database.url(), str(tmp_path)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout and process.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0.02, 0.6))
            os.kill(process.pid, signal.SIGKILL)
        assert database.rows(
            "select count(*), count(distinct a.version) from marts.a join marts.b using (id, version)"
            " join marts.publication using (version)"
        ) == [(20000, 1)]

    served = postgres.publish(database.url(), tmp_path, {}, lock_timeout=20)

    assert served.left == []
    assert database.rows("select nspname from pg_namespace where nspname like 'marts%'") == [("marts",)]
