"""The semantic layer: MetricFlow's own command asks it, the published marts say what it must answer.

Belongs here: that the definitions hold against what is published, and that no question gets a number that is not there.
Does not: whether the marts are right (end-to-end tests), how the definitions read (conventions).
"""

from __future__ import annotations

import csv
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import Installation

from orchestration.manifest import PROJECT

Row = tuple[str | float | None, ...]


# `mf` for one command after another: starting it takes longer than most answers.
MF = """
import json, os, sys, traceback
from dbt_metricflow.cli.main import cli
answers = os.fdopen(os.dup(1), "w")
for line in sys.stdin:
    said = os.open("said.txt", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1), os.dup2(said, 2)
    code = 0
    try:
        cli(json.loads(line), standalone_mode=False)
    except BaseException as error:
        code = error.code if isinstance(error, SystemExit) else traceback.print_exc() or 1
    sys.stdout.flush(), sys.stderr.flush()
    print(code, file=answers, flush=True)
"""


@dataclass
class SemanticLayer:
    """A copy of the dbt project, for `mf` reads from and dbt writes to its folder `target`, on a published version."""

    project: Path
    company: Installation
    mf: subprocess.Popen[str] | None = None

    def environment(self) -> dict[str, str]:
        """Return that of docs/bi.md, without a way out to the network."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSWERABLE_", "DBT_"))},
            **{"ANSWERABLE_HOME": str(self.company.home), "DBT_TARGET": "published", "DO_NOT_TRACK": "1"},
            **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9"),
        }

    def command(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `dbt …` or `mf …` as docs/bi.md has it."""
        return subprocess.run(
            [str(Path(sys.executable).parent / name), *arguments],
            env=self.environment(),
            cwd=self.project,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ask(self, *arguments: str) -> None:
        """Run `mf …` in the process that is there for it."""
        assert self.mf and self.mf.stdin and self.mf.stdout
        print(json.dumps(arguments), file=self.mf.stdin, flush=True)
        code = self.mf.stdout.readline()
        assert code == "0\n", (self.project / "said.txt").read_text(encoding="utf-8")

    def query(self, metrics: str, group_by: str = "", where: str = "") -> list[Row]:
        """Return the rows of an answer, groups first and sorted, numbers as numbers, None for what is empty."""
        file = self.project / "answer.csv"
        options = {"--metrics": metrics, "--group-by": group_by, "--where": where, "--csv": str(file)}
        given = [text for name, value in options.items() if value for text in (name, value)]
        file.unlink(missing_ok=True)
        self.ask("query", *given)
        groups = list(filter(None, group_by.split(",")))
        with file.open(newline="", encoding="utf-8") as lines:
            rows = [
                (
                    *(row[name].removesuffix(" 00:00:00") for name in groups),
                    *(float(row[name]) if row[name] else None for name in metrics.split(",")),
                )
                for row in csv.DictReader(lines)
            ]
        return sorted(rows, key=str)


@pytest.fixture(scope="module")
def layer(demo: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SemanticLayer]:
    folder = tmp_path_factory.mktemp("semantic") / "project"
    project = Path(shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs")))
    layer = SemanticLayer(project, demo)
    done = layer.command("dbt", "--quiet", "parse")
    assert done.returncode == 0, done.stdout + done.stderr
    with subprocess.Popen(
        [sys.executable, "-c", MF], env=layer.environment(), cwd=project, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as layer.mf:  # fmt: skip
        yield layer
        assert layer.mf.stdin
        layer.mf.stdin.close()


def published(layer: SemanticLayer, sql: str) -> list[Row]:
    """Return the rows of the published marts as `query` does, the figure last, and see to it that there are any."""
    rows = layer.company.rows(sql)
    assert any(row[-1] is not None for row in rows), "no figure to compare with"
    return sorted([(*map(str, row[:-1]), row[-1]) for row in rows], key=str)


def same(answer: list[Row], expected: list[Row]) -> None:
    """Compare row by row; a figure may differ in its last digits, one that is withheld must be."""
    assert [row[:-1] for row in answer] == [row[:-1] for row in expected]
    answered, published = ([math.nan if row[-1] is None else row[-1] for row in rows] for rows in (answer, expected))
    assert answered == pytest.approx(published, rel=1e-12, nan_ok=True)


def test_definitions_hold_against_what_is_published(layer: SemanticLayer) -> None:
    done = layer.command("mf", "validate-configs")
    assert done.returncode == 0, done.stdout + done.stderr
    for step in ("semantics of built manifest", "semantic models", "dimensions", "entities", "measures", "metrics"):
        assert any(
            step in line and "ERRORS: 0, FUTURE_ERRORS: 0, WARNINGS: 0" in line for line in done.stdout.splitlines()
        ), f"{step}: {done.stdout}"


@pytest.mark.parametrize(
    ("metric", "period", "grain"),
    [
        ("headline", "quarter", "quarter"),
        ("headline_of_month", "month", "month"),
        ("headline_of_trailing_year", "trailing_year", "day"),
    ],
)
def test_headlines_are_the_published_ones(layer: SemanticLayer, metric: str, period: str, grain: str) -> None:
    expected = published(
        layer,
        f"select period_start, score from marts.rpt_nps"
        f" where is_headline and level = 'relationship' and period_grain = '{period}'",
    )
    same(layer.query(metric, f"metric_time__{grain}"), expected)


def test_every_score_can_be_asked_for_and_withheld_ones_stay_withheld(layer: SemanticLayer) -> None:
    expected = published(
        layer, "select period_start, level, period_grain, weighting, split, group_id, score from marts.rpt_nps"
    )
    assert any(row[-1] is None for row in expected)
    names = ("level", "period_grain", "weighting", "split", "group_id")
    same(layer.query("nps", ",".join(["metric_time__day", *(f"nps__{name}" for name in names)])), expected)


@pytest.mark.parametrize("metric", ["csat", "ces"])
def test_means_are_the_published_ones(layer: SemanticLayer, metric: str) -> None:
    expected = published(
        layer,
        f"select period_start, level, normalised_mean from marts.rpt_metric_score"
        f" where metric = '{metric}' and split = 'total' and period_grain = 'quarter'",
    )
    same(layer.query(metric, "metric_time__quarter,question__level"), expected)


def test_contributions_are_the_published_ones_by_team(layer: SemanticLayer) -> None:
    expected = published(
        layer,
        "select period_start, team_id, team_name, contribution"
        " from marts.rpt_team_contribution inner join marts.dim_team using (team_id)"
        " where level = 'relationship' and period_grain = 'quarter' and attribution_rule = 'owner'"
        " and weighting = (select weighting from marts.rpt_nps where is_headline limit 1)",
    )
    same(layer.query("team_contribution", "metric_time__quarter,team,team__team_name"), expected)


def test_contributions_are_added_up_only_where_all_are_shown(layer: SemanticLayer) -> None:
    teams = "('support', 'partner_management')"
    expected = published(
        layer,
        "select period_start, case when count(*) = count(contribution) then sum(contribution) end"
        " from marts.rpt_team_contribution where level = 'relationship' and period_grain = 'quarter'"
        " and attribution_rule = 'owner'"
        " and weighting = (select weighting from marts.rpt_nps where is_headline limit 1)"
        f" and team_id in {teams} group by period_start",
    )
    assert any(row[-1] is None for row in expected)
    where = f"{{{{ Entity('team') }}}} in {teams}"
    same(layer.query("team_contribution", "metric_time__quarter", where), expected)


@pytest.mark.parametrize("grain", ["month", "quarter"])
def test_response_rates_of_months_make_those_of_quarters(layer: SemanticLayer, grain: str) -> None:
    expected = published(
        layer,
        f"select period_start, level, rr1 from marts.rpt_response_rate"
        f" where split = 'total' and period_grain = '{grain}' and invited > 0",
    )
    same(layer.query("response_rate", f"metric_time__{grain},invitation__level"), expected)


def test_on_time_rates_are_the_published_ones_and_pool_their_invoices(layer: SemanticLayer) -> None:
    by_account = published(
        layer, "select account_id, currency, on_time_rate from marts.rpt_payment_behaviour where is_current"
    )
    same(layer.query("on_time_rate", "account,payment_record__currency"), by_account)
    by_segment = published(
        layer,
        "select segment, sum(on_time_count) / sum(known_invoices)"
        " from marts.rpt_payment_behaviour inner join marts.dim_account using (account_id)"
        " where is_current group by segment",
    )
    same(layer.query("on_time_rate", "account__segment"), by_segment)


@pytest.mark.parametrize(
    ("metrics", "group_by"),
    [
        ("headline,csat,ces,team_contribution", ""),
        ("headline,headline_of_month", "metric_time__year"),
        ("nps", "metric_time__day,nps__level,nps__period_grain,nps__split,nps__group_id"),
        ("csat", "metric_time__quarter"),
        ("contribution", "metric_time__day,contribution__level,contribution__period_grain,team"),
    ],
)
def test_no_number_for_a_question_that_takes_in_several(layer: SemanticLayer, metrics: str, group_by: str) -> None:
    """Of a year with all its quarters, of all weightings at once, of all levels at once there is no score."""
    answer = layer.query(metrics, group_by)
    whole = [row for row in answer if "year" not in group_by or row[0] == "2025-01-01"]
    columns = len(metrics.split(","))
    assert whole and all(value is None for row in whole for value in row[-columns:]), answer
