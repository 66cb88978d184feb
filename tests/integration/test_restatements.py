"""What a publication says of numbers it shows otherwise than the one before: values, reasons, one cause at a time."""

from __future__ import annotations

import shutil
from typing import Any

import duckdb
import pytest
from building import KEY, Builder
from conftest import WORKED_EXAMPLE

from ingest import load
from orchestration import build_state, publishing

QUARTER = "period_grain = 'quarter' and period_start = date '2025-01-01'"
HEADLINE = f"select score from marts.rpt_nps where is_headline and level = 'relationship' and {QUARTER}"
ANSWERED = {"month 2025-03-01", "quarter 2025-01-01"} | {
    f"trailing_year {day}" for day in ("2024-04-01", "2024-05-01", "2024-06-01", "2024-07-01")
}


AS_OF = "2025-06-30T12:00:00Z"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """The worked example published twice, with nothing in between."""
    folder = tmp_path_factory.mktemp("restatements")
    shutil.copytree(WORKED_EXAMPLE / "landing", folder / "landing")
    shutil.copytree(WORKED_EXAMPLE / "programme", folder / "programme")
    builder = Builder(folder)
    load.prepare(builder.settings.warehouse)
    publish(builder)
    publish(builder)
    return builder


def publish(example: Builder, *arguments: str) -> list[dict[str, Any]]:
    """Load, build and publish; return the restatements of the version that this published."""
    settings = example.settings
    load.load(settings.warehouse, settings.landing, settings.home, hmac_key=KEY)
    example.build({}, AS_OF, "--select", "+rpt_restatement", "publication", *arguments)
    with duckdb.connect(str(settings.warehouse)) as connection:
        build_state.finish_build(connection, build_state.Build(True, "programme", "project"))
    before = headline(example) if settings.published.exists() else None
    version = publishing.next_version(settings.published, "test")
    publishing.publish(
        settings.warehouse, settings.published, version, keep_versions=2, programme_hash="p", code_version="c",
        checks_passed=0,
    )  # fmt: skip
    rows = restatements(example, version)
    for row in rows:
        if row["number"] == "headline" and row["period"] == "quarter 2025-01-01":
            assert [row["previous_value"], row["new_value"]] == [before, headline(example)]
            assert row["change"] == row["new_value"] - row["previous_value"]
        assert row["is_period_open"] == (row["period"] == "trailing_year 2024-07-01")
    return rows


def read(example: Builder, sql: str, *parameters: Any) -> list[dict[str, Any]]:
    """Query the served version."""
    current = example.settings.published / "current" / "answerable.duckdb"
    with duckdb.connect(str(current), read_only=True) as connection:
        cursor = connection.execute(sql, parameters)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def restatements(example: Builder, version: str) -> list[dict[str, Any]]:
    return read(
        example,
        "select *, period_grain || ' ' || period_start as period from marts.rpt_restatement where version = ?"
        " order by all",
        version,
    )


def headline(example: Builder) -> float:
    [row] = read(example, HEADLINE)
    return float(row["score"])


def reasons(rows: list[dict[str, Any]], number: str = "headline") -> dict[str, str]:
    return {row["period"]: row["reasons"] for row in rows if row["number"] == number}


def land(example: Builder, entity: str, text: str, name: str) -> None:
    path = example.settings.landing / entity.replace(".", "/") / name
    path.write_text(text)


def rewrite(example: Builder, name: str, old: str, new: str) -> None:
    path = example.folder / "programme" / f"{name}.csv"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_nothing_happened_nothing_is_restated(example: Builder) -> None:
    assert read(example, "select * from marts.rpt_restatement") == []


def test_a_late_response(example: Builder) -> None:
    land(
        example,
        "survey.responses",
        "response_id,survey_id,account_id,contact_id,submitted_at,updated_at\n"
        "R13,REL,A5,A5-user-1,2025-03-25T12:00:00Z,2025-03-25T12:00:00Z\n",
        "late.csv",
    )
    land(
        example,
        "survey.answers",
        "response_id,question_id,score,updated_at\nR13,LTR,2,2025-03-25T12:00:00Z\n",
        "late.csv",
    )
    rows = publish(example)
    assert reasons(rows) == dict.fromkeys(ANSWERED, "late_response")
    assert set(reasons(rows, "team_contribution").values()) == {"late_response"}


def test_a_corrected_answer(example: Builder) -> None:
    land(
        example,
        "survey.answers",
        "response_id,question_id,score,updated_at\nR05,LTR,9,2025-06-01T12:00:00Z\n",
        "corrected.csv",
    )
    assert reasons(publish(example)) == dict.fromkeys(ANSWERED, "correction")


def test_a_correction_that_is_unusable_corrects_nothing(example: Builder) -> None:
    before = headline(example)
    land(
        example,
        "survey.answers",
        "response_id,question_id,score,updated_at\nR05,LTR,7.5,2025-06-01T18:00:00Z\n",
        "unusable.csv",
    )
    assert reasons(publish(example)) == {}
    assert headline(example) == before
    rewrite(example, "role_weights", "finance,*,0.2", "finance,*,0.3")
    assert set(reasons(publish(example)).values()) == {"weight_change"}
    rewrite(example, "role_weights", "finance,*,0.3", "finance,*,0.2")
    publish(example)


def test_a_merge(example: Builder) -> None:
    land(
        example,
        "crm.accounts",
        "account_id,account_name,account_type,segment,time_zone,currency,annual_value,customer_since,status,"
        "merged_into_account_id,updated_at\n"
        "A7,Account A7,client,smb,UTC,EUR,50000.00,2020-01-01,active,A6,2025-06-02T00:00:00Z\n",
        "merged.csv",
    )
    assert reasons(publish(example)) == dict.fromkeys(ANSWERED, "merge")


def test_a_role_that_ended_before_touches_only_what_came_after(example: Builder) -> None:
    land(
        example,
        "crm.contact_roles",
        "contact_id,account_id,role,valid_from,valid_to,updated_at\n"
        "A4-finance-1,A4,finance,2024-01-01,2025-01-01,2025-06-03T00:00:00Z\n",
        "ended.csv",
    )
    found = reasons(publish(example))
    # a trailing year that begins in 2024 still holds days of the role
    assert found == dict.fromkeys({"month 2025-03-01", "quarter 2025-01-01"}, "role_change")


def test_a_role_weight_counts_on_the_last_day_of_a_period(example: Builder) -> None:
    rewrite(
        example,
        "role_weights",
        "user,*,0.3,2020-01-01,\n",
        "user,*,0.3,2020-01-01,2025-05-01\nuser,*,0.6,2025-05-01,\n",
    )
    found = reasons(publish(example))
    assert found == dict.fromkeys({"trailing_year 2024-06-01", "trailing_year 2024-07-01"}, "weight_change")


def test_an_owner_moves_teams_and_no_headline(example: Builder) -> None:
    rewrite(example, "touchpoint_owners", "tp_field,*,*,field", "tp_field,*,*,support")
    rows = publish(example)
    assert reasons(rows) == {}
    assert reasons(rows, "team_contribution") == dict.fromkeys(ANSWERED, "owner_change")
    assert {row["team_id"] for row in rows} == {"support"}  # that of field was withheld before: too few answers


def test_causes_stand_together_and_history_stays(example: Builder) -> None:
    """A rebuild from raw forgets nothing that was published."""
    history = read(example, "select * from marts.rpt_restatement order by all")
    land(
        example,
        "survey.answers",
        "response_id,question_id,score,is_deleted,updated_at\nR12,LTR,4,true,2025-06-04T12:00:00Z\n",
        "deleted.csv",
    )
    rewrite(example, "role_weights", "finance,*,0.2", "finance,*,0.4")
    rows = publish(example, "--full-refresh")
    assert reasons(rows) == dict.fromkeys(ANSWERED, "deletion, weight_change")
    now = read(example, "select * from marts.rpt_restatement order by all")
    assert [row for row in now if row["version"] != rows[0]["version"]] == history


def test_a_publication_killed_before_it_was_recorded_is_compared_with(
    example: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember = publishing._remember

    def killed(connection: duckdb.DuckDBPyConnection, publication: publishing.Publication, table: str) -> None:
        if table == "memory.publications":
            raise duckdb.IOException("killed")
        remember(connection, publication, table)

    land(
        example,
        "survey.answers",
        "response_id,question_id,score,updated_at\nR01,LTR,3,2025-06-05T12:00:00Z\n",
        "killed.csv",
    )
    with monkeypatch.context() as patch:
        patch.setattr(publishing, "_remember", killed)
        restated = publish(example)
    assert reasons(restated) == dict.fromkeys(ANSWERED, "correction")
    with duckdb.connect(str(example.settings.warehouse)) as connection:
        publishing.settle(connection, example.settings.published)
    assert publish(example) == []
    assert restated == restatements(example, restated[0]["version"])
