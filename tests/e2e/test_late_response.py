"""Restatements through the command a user types: a late response is told."""

from __future__ import annotations

import shutil

from conftest import WORKED_EXAMPLE, Installation


def test_a_late_response_is_restated(installation: Installation) -> None:
    shutil.copytree(WORKED_EXAMPLE / "landing", installation.landing, dirs_exist_ok=True)
    assert installation.run("run").returncode == 0
    assert installation.rows("select * from marts.rpt_restatement") == []

    installation.land(
        "survey.responses",
        "response_id,survey_id,account_id,contact_id,submitted_at,updated_at\n"
        "R13,REL,A5,A5-user-1,2025-03-25T12:00:00Z,2025-03-25T12:00:00Z\n",
        "late.csv",
    )
    installation.land(
        "survey.answers", "response_id,question_id,score,updated_at\nR13,LTR,2,2025-03-25T12:00:00Z\n", "late.csv"
    )
    assert installation.run("run").returncode == 0
    [[previous, new, reasons, version, previous_version]] = installation.rows(
        "select previous_value, new_value, reasons, version, previous_version from marts.rpt_restatement"
        " where number = 'headline' and period_grain = 'quarter'"
    )
    assert abs(previous - 100 * 1251 / 4480) < 1e-6
    assert [(new,)] == installation.rows(
        "select score from marts.rpt_nps"
        " where is_headline and period_grain = 'quarter' and period_start = date '2025-01-01'"
    )
    assert reasons == "late_response"

    publications = installation.rows(
        "select version, published_at, input_watermarks, programme_hash, code_version, row_counts, checks_passed, as_of"
        " from marts.publication order by version"
    )
    assert [row[0] for row in publications] == [previous_version, version]
    assert all(value is not None for row in publications for value in row)
    assert publications[0][3:5] == publications[1][3:5]
    [(counted,)] = installation.rows("select count(*) from marts.rpt_restatement")
    assert f'"rpt_restatement": {counted},' in publications[1][5]
    assert "2025-03-25 12:00:00+00" in publications[1][2]
    assert publications[0][6] > 100
