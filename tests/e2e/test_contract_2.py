"""What contract 2 tells apart, through the command a user types: the worked example laid over with it.

Belongs here: what only a whole run shows. Does not: single rules (unit tests of the models), random worlds (property).
"""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from conftest import TESTS, WORKED_EXAMPLE, Installation

CASES = TESTS / "fixtures" / "cases"
TOTALS = "from marts.rpt_nps where split = 'total' and period_grain = 'quarter' and level = 'relationship' order by 1"


@pytest.fixture
def example(installation: Installation) -> Installation:
    """The worked example, not run yet."""
    shutil.rmtree(installation.landing)
    shutil.copytree(WORKED_EXAMPLE / "landing", installation.landing)
    programme = installation.landing.parent / "programme"
    shutil.copytree(WORKED_EXAMPLE / "programme", programme)
    return replace(installation, programme=programme, as_of="2025-04-01T00:00:00Z")


def test_where_nothing_weighs_every_page_shows_the_plain_score_and_says_why(example: Installation) -> None:
    """Twelve answers of `anonymous`, whom nobody landed, are twelve respondents: 6 promoters, 4 detractors of 12."""
    responses = next((example.landing / "survey" / "responses").iterdir())
    header, *lines = responses.read_text(encoding="utf-8").splitlines()
    position = header.split(",").index("contact_id")
    fields = [line.split(",") for line in lines]
    stand_in = [",".join([*row[:position], "anonymous", *row[position + 1 :]]) for row in fields]
    responses.write_text("\n".join([header, *stand_in]) + "\n", encoding="utf-8")
    result = example.run("run")
    assert result.returncode == 0, result.stdout + result.stderr
    assert example.rows(
        f"select weighting, round(score, 4), response_count, account_count, suppressed_reason {TOTALS}"
    ) == [
        ("account", None, 12, 4, "no_weight"),
        ("none", 16.6667, 12, 4, None),
        ("value", None, 12, 4, "no_weight"),
    ]
    assert example.rows("select count(*) from marts.fct_survey_response where not is_counted") == [(0,)]
    assert "no role of those who answered is known" in result.stdout
    assert "Plain score +16.7" in result.stdout or "Plain score 16.7" in result.stdout, result.stdout
    (page,) = example.home.glob("reports/*/company.html")
    text = page.read_text(encoding="utf-8")
    assert 'data-figure="plain_score" data-value="16.66' in text and "no role of those who answered is known" in text


def test_money_needs_a_rate_and_those_who_weigh_nothing_defeat_no_suppression(example: Installation) -> None:
    """A1 is worth 96,000,000 JPY, the others are in EUR; at 0.00625 that is the 600,000 of the worked example.

    Of five answers to a survey of an experience (0, 10 and three times 9), three are by people whom nobody landed.
    """
    shutil.copytree(CASES / "weightless_answers_defeat_suppression" / "landing", example.landing, dirs_exist_ok=True)
    example.land(
        "crm.accounts",
        "account_id,account_name,account_type,segment,time_zone,currency,annual_value,customer_since,status,updated_at\n"
        "A1,Account A1,client,ent,UTC,JPY,96000000.00,2020-01-01,active,2025-01-03T00:00:00Z\n",
    )
    refused = example.run("run")
    assert refused.returncode == 1
    for name in ("currency_rates.csv", "JPY", "EUR", ": A1", "A2, A3"):
        assert name in refused.stdout + refused.stderr, name
    assert not (example.home / "published" / "current").exists()
    assert example.programme is not None
    (example.programme / "currency_rates.csv").write_text("currency,rate,valid_from\nEUR,1,\nJPY,0.00625,\n")
    assert example.run("run").returncode == 0
    assert example.rows(f"select weighting, round(score, 4), round(value_coverage, 6) {TOTALS}") == [
        ("account", 19.9979, 0.833333),
        ("none", 16.6667, 0.833333),
        ("value", 27.9241, 0.833333),
    ]
    assert example.rows("select currency, annual_value::bigint, reporting_value::bigint from marts.dim_account "
                        "where account_id = 'A1'") == [("JPY", 96_000_000, 600_000)]  # fmt: skip
    withheld = (None, 5, 4, "few_responses")
    assert example.rows(
        "select weighting, round(score, 9), response_count, account_count, suppressed_reason from marts.rpt_nps "
        "where level = 'experience' and period_grain = 'quarter' and split = 'total' order by 1"
    ) == [("account", *withheld), ("none", 60.0, 5, 4, None), ("value", *withheld)]
