"""The golden case: every number of `fixtures/worked_example/expected` through the command a user types."""

from __future__ import annotations

import csv

import pytest
from conftest import WORKED_EXAMPLE, Installation

QUARTER = "level = 'relationship' and period_grain = 'quarter' and period_start = date '2025-01-01'"


def expected(name: str) -> list[dict[str, str]]:
    with (WORKED_EXAMPLE / "expected" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_headlines(worked_example: Installation) -> None:
    found = {
        weighting: figures
        for weighting, *figures in worked_example.rows(
            f"""
            select weighting, score, ci_low, ci_high, response_count
            from marts.rpt_nps where {QUARTER} and split = 'total'
            """
        )
    }
    assert found.keys() == {row["weighting"] for row in expected("nps")}
    for row in expected("nps"):
        score, low, high, responses = found[row["weighting"]]
        assert responses == 12
        assert [score, low, high] == pytest.approx([float(row[c]) for c in ("score", "ci_low", "ci_high")], abs=5e-5)
    assert found["value"][0] == pytest.approx(100 * 1251 / 4480, abs=1e-6)
    assert found["account"][0] == pytest.approx(100 * 9407 / 47040, abs=1e-6)


def test_interval_for_the_clients_there_are(worked_example: Installation) -> None:
    [(low, high)] = worked_example.rows(
        f"""
        select base_ci_low, base_ci_high
        from marts.rpt_nps where {QUARTER} and split = 'total' and weighting = 'none'
        """
    )
    assert [low, high] == pytest.approx([-21.8262, 50.6550], abs=5e-5)
    assert (low + high) / 2 == pytest.approx(14.4144, abs=5e-5)


@pytest.mark.parametrize("weighting", ["value", "account"])
def test_weights_of_responses(worked_example: Installation, weighting: str) -> None:
    found = dict(
        worked_example.rows(
            f"select response_id, weight from marts.rpt_nps_lineage where {QUARTER} and weighting = ?", weighting
        )
    )
    wanted = {row["response_id"]: float(row["weight"]) for row in expected(f"response_weight_{weighting}")}
    assert found.keys() == wanted.keys()
    assert found == pytest.approx(wanted, abs=1e-9)
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("weighting", ["value", "account"])
def test_contributions_of_teams_before_suppression(worked_example: Installation, weighting: str) -> None:
    found = {
        team: (share, points)
        for team, share, points in worked_example.rows(
            f"""
            select team_id, sum(weight * share), sum(points) from marts.rpt_team_contribution_lineage
            where {QUARTER} and weighting = ? and attribution_rule = 'owner' group by team_id
            """,
            weighting,
        )
    }
    wanted = expected(f"team_contribution_{weighting}")
    assert found.keys() == {row["team_id"] for row in wanted}
    for row in wanted:
        share, points = found[row["team_id"]]
        assert share == pytest.approx(float(row["weight_share"]), abs=1e-9)
        assert points == pytest.approx(float(row["contribution"]), abs=1e-6)
        assert points / share == pytest.approx(float(row["team_score"]), abs=1e-6)


def test_what_is_shown_and_what_is_not(worked_example: Installation) -> None:
    accounts = dict(
        worked_example.rows(
            f"""
            select group_id, (score, role_coverage, suppressed_reason) from marts.rpt_nps
            where {QUARTER} and split = 'account' and weighting = 'value'
            """
        )
    )
    assert accounts["A1"][0] == pytest.approx(30.0)
    assert accounts["A2"][0] == pytest.approx(37.5)
    assert accounts["A2"][1] == pytest.approx(0.8)
    assert accounts["A3"][0] == pytest.approx(25.0)
    assert accounts["A4"] == (None, pytest.approx(0.3), "low_role_coverage")


def test_scores_of_segments_open_from_the_lineage(worked_example: Installation) -> None:
    """Both segments are suppressed (two and two accounts), but every number opens to its responses."""
    found = dict(
        worked_example.rows(
            f"""
            select dim_account.segment, sum(points) / sum(weight)
            from marts.rpt_nps_lineage
            join marts.fct_survey_response using (response_id)
            join marts.dim_account using (account_id)
            where rpt_nps_lineage.{QUARTER.replace(" and ", " and rpt_nps_lineage.")} and weighting = 'value'
            group by all
            """
        )
    )
    # 12.03125, published as 12.0313: half a unit of the last place is left to the order in which doubles are added
    assert found == pytest.approx({"ent": 31.1027, "smb": 12.03125}, abs=5e-5)


def test_a_touchpoint_nobody_owns_is_listed(worked_example: Installation) -> None:
    rows = worked_example.rows(
        """
        select team_id, sum(interaction_count) from marts.rpt_ownership_coverage
        where not is_owned and touchpoint = 'tp_orphan' group by all
        """
    )
    assert rows == [("unattributed", 1)]


def test_every_published_table_and_column_says_what_it_is(worked_example: Installation) -> None:
    unsaid = worked_example.rows(
        """
        select table_name, null as column_name from duckdb_tables()
        where schema_name = 'marts' and coalesce(comment, '') = ''
        union all
        select table_name, column_name from duckdb_columns()
        where schema_name = 'marts' and coalesce(comment, '') = ''
        """
    )
    assert worked_example.rows("select count(*) > 30 from duckdb_tables() where schema_name = 'marts'") == [(True,)]
    assert unsaid == []
