"""The dashboard as it is served: its figures are the marts', names are text, it asks for nothing outside."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import browser
import pytest
from conftest import COMMAND, Installation

from answerable import published, words
from answerable.dashboard.data import LISTED

PAGES = ["", "changes", "teams", "journeys", "measures", "reach", "accounts", "billing", "responses"]
PHONE, DESK = 390, 1200
PATIENCE = 30_000
SHOWN = "[data-version]"


@contextmanager
def dashboard(installation: Installation) -> Iterator[tuple[str, int]]:
    """The real command on an installation: its address and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [str(COMMAND), "dashboard", "--no-browser", "--port", str(port)],
        env=installation.environment(),
        cwd=installation.home.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            with suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                break
            assert process.poll() is None, "the dashboard ended"
            time.sleep(0.25)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def served(demo: Installation) -> Iterator[str]:
    with dashboard(demo) as (address, _):
        yield address


@pytest.fixture(scope="module")
def window() -> Iterator[Any]:
    with browser.chromium() as chromium:
        yield chromium


@pytest.fixture
def page(window: Any) -> Iterator[Any]:
    """A page of a fresh profile. Whatever it asks for outside of this machine fails the test."""
    context = window.new_context(viewport={"width": DESK, "height": 900})
    asked: list[str] = []
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda opened: asked.append(opened.url))
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    yield page
    context.close()
    assert asked
    assert [url for url in asked if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:", url)] == []


def open_page(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(SHOWN)


def values(page: Any, figure: str, table: str = "") -> dict[str, float]:
    """The exact figures of a name by their row's key."""
    within = f'[data-table="{table}"] ' if table else ""
    return {
        row: float(value)
        for row, value in page.eval_on_selector_all(
            f'{within}[data-figure="{figure}"][data-value]',
            "all => all.map(one => [one.closest('tr')?.dataset.row ?? '', one.dataset.value])",
        )
    }


def shown(page: Any, figure: str) -> str:
    return str(page.locator(f'[data-figure="{figure}"]').first.inner_text()).strip()


def headline(demo: Installation) -> published.Headline:
    found = published.headline(demo.home / "published" / "current" / "answerable.duckdb")
    assert found is not None
    return found


def of_the_headline(demo: Installation, start: date | None = None) -> str:
    """The headline's quarter, or another, as a condition on a mart."""
    found = headline(demo)
    return (
        f"level = '{found.level}' and period_grain = 'quarter' and period_start = date '{start or found.period_start}' "
        f"and weighting = '{found.weighting}'"
    )


def pick(page: Any, label: str, option: str) -> None:
    page.get_by_role("combobox", name=re.compile(f"{label}$")).click()
    page.get_by_role("option", name=option, exact=True).click()


def test_the_first_page_shows_the_headline_of_the_run_and_the_scorecards(
    demo: Installation, served: str, page: Any
) -> None:
    open_page(page, served)
    found = headline(demo)
    assert values(page, "score")[""] == found.score
    assert shown(page, "score") == words.points(found.score)
    assert shown(page, "interval") == f"{words.points(found.ci_low)} … {words.points(found.ci_high)}"
    scorecard = next((demo.home / "reports").glob("*/company.html")).read_text(encoding="utf-8")
    assert re.findall(r'data-figure="score" data-value="([^"]+)"', scorecard) == [str(found.score)]
    trend = demo.rows(
        "select cast(period_start as varchar), score from marts.rpt_nps where split = 'total' and score is not null "
        f"and level = '{found.level}' and period_grain = 'quarter' and weighting = '{found.weighting}'"
    )
    assert len(trend) > 1
    assert values(page, "score", "trend") == dict(trend)
    verdict = demo.rows(f"select verdict from marts.rpt_nps_change where split = 'total' and {of_the_headline(demo)}")
    assert shown(page, "verdict").lower().startswith(verdict[0][0])


def test_the_points_of_the_teams_add_up_to_the_headline(demo: Installation, served: str, page: Any) -> None:
    """In the latest quarter, and in one that withholds those of a team."""
    owned = "select {} from marts.rpt_team_contribution where attribution_rule = 'owner' and "
    [(withholding,)] = demo.rows(
        owned.format("max(period_start)")
        + f"contribution is null and period_grain = 'quarter' and level = '{headline(demo).level}'"
        + f" and weighting = '{headline(demo).weighting}'"
    )
    for start in (headline(demo).period_start, withholding):
        open_page(page, f"{served}/teams?start={start}")
        of_quarter = of_the_headline(demo, start)
        [(score,)] = demo.rows(f"select score from marts.rpt_nps where split = 'total' and {of_quarter}")
        marts = demo.rows(owned.format("team_id, contribution, suppressed_reason") + of_quarter)
        found = values(page, "contribution")
        assert found == {team: points for team, points, _ in marts if points is not None} != {}
        for team, reason in [(team, reason) for team, points, reason in marts if points is None]:
            assert words.withheld(reason) in page.locator(f'[data-row="{team}"]').inner_text()
        rest = values(page, "rest").get("rest", 0.0)
        assert sum(found.values()) + rest == pytest.approx(score, abs=1e-9)
        assert next(iter(values(page, "sum").values())) == pytest.approx(score, abs=1e-9)


def test_the_bridge_leads_from_the_period_before_to_this_one(demo: Installation, served: str, page: Any) -> None:
    open_page(page, f"{served}/changes")
    of_team = f"split = 'team' and attribution_rule = 'owner' and {of_the_headline(demo)}"
    for column in ("change", "performance", "mix"):
        marts = demo.rows(f"select group_id, {column} from marts.rpt_nps_change where {of_team} and change is not null")
        assert marts
        assert values(page, column, "bridge-team") == dict(marts)
    steps = [*values(page, "previous_score", "bridge-team").values(), *values(page, "change", "bridge-team").values()]
    steps += values(page, "rest", "bridge-team").values()
    assert sum(steps) == pytest.approx(headline(demo).score, abs=1e-9)


def test_a_number_opens_to_its_responses(demo: Installation, served: str, page: Any) -> None:
    """Of a team with few: of the others the page lists those of most points."""
    open_page(page, f"{served}/teams")
    shown = values(page, "contribution")
    [(team, _), *_] = demo.rows(
        "select team_id, count(*) from marts.rpt_team_contribution_lineage"
        f" where attribution_rule = 'owner' and {of_the_headline(demo)} and list_contains(?, team_id)"
        " group by 1 order by 2, 1",
        list(shown),
    )
    contribution = shown[team]
    page.locator(f'[data-row="{team}"] a').click()
    page.wait_for_selector('[data-table="responses"]')
    assert values(page, "number")[""] == contribution
    points = values(page, "points", "responses")
    lineage = demo.rows(
        "select response_id, points, weight, share from marts.rpt_team_contribution_lineage "
        f"where team_id = ? and attribution_rule = 'owner' and {of_the_headline(demo)}",
        team,
    )
    assert points == {response: value for response, value, _, _ in lineage}
    assert values(page, "weight", "responses") == {response: weight for response, _, weight, _ in lineage}
    assert values(page, "share", "responses") == {response: share for response, _, _, share in lineage}
    assert sum(points.values()) == pytest.approx(contribution, abs=1e-9)


def test_selectors_change_the_figures_and_the_address(demo: Installation, served: str, page: Any) -> None:
    open_page(page, served)
    pick(page, "Weighting", "Every answer equally")
    alike = of_the_headline(demo).replace(f"weighting = '{headline(demo).weighting}'", "weighting = 'none'")
    [(score,)] = demo.rows(f"select score from marts.rpt_nps where split = 'total' and {alike}")
    page.wait_for_selector(f'.big[data-value="{score}"]')
    pick(page, "Segment", "core")
    of_core = "split = 'segment' and group_id = 'core'"
    [(score,)] = demo.rows(f"select score from marts.rpt_nps where {of_core} and {alike}")
    page.wait_for_selector(f'.big[data-value="{score}"]')
    page.wait_for_url(re.compile("segment=core"))
    page.reload()
    page.wait_for_selector(f'.big[data-value="{score}"]')
    page.get_by_role("link", name="Teams").click()
    page.get_by_role("heading", level=1, name="Teams").wait_for()
    assert "only for all clients together" in page.locator(".cx").first.inner_text()


def test_the_other_pages_are_those_of_the_marts(demo: Installation, served: str, page: Any) -> None:
    level, start = headline(demo).level, headline(demo).period_start
    period = f"period_grain = 'quarter' and period_start = date '{start}'"
    total = f"split = 'total' and {period}"
    open_page(page, f"{served}/journeys")
    for column in ("visits", "median_hours", "over_target_share"):
        stages = demo.rows(f"select journey || '/' || stage, {column} from marts.rpt_journey_stage where {total}")
        assert values(page, column) == {stage: value for stage, value in stages if value is not None}
    handed = demo.rows(
        "select count(*), count(*) filter (is_return) from marts.fct_handoff where handed_at >= ? "
        "and handed_at < ?::date + interval 3 month",
        start,
        start,
    )
    tables = page.locator('[data-table^="journey-"]')
    sums = [
        sum(
            float(one)
            for one in tables.locator(f'[data-figure="{name}"]').evaluate_all("a => a.map(b => b.dataset.value)")
        )
        for name in ("handoff_count", "return_count")
    ]
    assert sums == [float(count) for count in handed[0]]
    open_page(page, f"{served}/measures")
    scores = demo.rows(f"select measure, mean from marts.rpt_measure_score where level = '{level}' and {total}")
    assert values(page, "mean") == {measure: mean for measure, mean in scores if mean is not None}
    open_page(page, f"{served}/reach")
    [(rate, coverage)] = demo.rows(
        f"select rr3, role_coverage from marts.rpt_response_rate where level = '{level}' and {total}"
    )
    assert (values(page, "rr3")[""], values(page, "role_coverage")[""]) == (rate, coverage)
    open_page(page, f"{served}/accounts")
    risks = demo.rows(
        "select account_id, value_at_risk from marts.rpt_account_health "
        "where risk_level > 0 and value_at_risk is not null order by value_at_risk desc"
    )
    assert len(risks) > LISTED
    assert values(page, "value_at_risk") == {account: float(value) for account, value in risks[:LISTED]}
    [(flagged_on,)] = demo.rows("select max(sent_on) from marts.fct_billing_notice where is_flagged")
    quarter = flagged_on.replace(month=(flagged_on.month - 1) // 3 * 3 + 1, day=1)
    open_page(page, f"{served}/billing?start={quarter}")
    sent = demo.rows(
        "select count(*), count(*) filter (is_flagged) from marts.fct_billing_notice where sent_at >= ? "
        "and sent_at < ?::date + interval 3 month",
        quarter,
        quarter,
    )
    assert (values(page, "sent_count")[""], values(page, "flagged_count")[""]) == sent[0]
    assert page.locator('[data-table="flagged"] tbody tr').count() == sent[0][1] > 0


def test_hostile_names_stay_text(demo: Installation, served: str, page: Any) -> None:
    lineage = of_the_headline(demo).replace("level =", "rpt_nps_lineage.level =")
    names = dict(
        demo.rows(
            "select account_id, account_name from marts.rpt_nps_lineage inner join marts.fct_survey_response "
            f"using (response_id) inner join marts.dim_account using (account_id) where {lineage}"
            " and account_name similar to '.*[<=].*'"
        )
    )
    assert {name[0] for name in names.values()} == {"<", "="}
    for account, name in names.items():
        open_page(page, f"{served}/responses?split=account&group={account}")
        shown = page.locator('[data-table="responses"] tbody th, p.withheld')  # or why its figure is withheld
        assert all(name in text for text in shown.all_text_contents()) and shown.count()
        assert shown.locator("script").count() == 0


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_page_is_accessible_and_fits(served: str, page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    for name in PAGES:
        open_page(page, f"{served}/{name}")
        assert page.locator("h1").count() == 1, name
        levels = page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", "all => all.map(one => Number(one.tagName[1]))")
        assert levels[0] == 1, name
        assert all(after - before <= 1 for before, after in pairwise(levels)), name
        assert browser.serious_violations(page) == [], name
        for where in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
            assert page.evaluate(f"{where}.scrollWidth") <= width, name


def test_it_says_what_to_do_and_follows_each_publication(demo: Installation, tmp_path: Path, page: Any) -> None:
    """From nothing through a broken file to a version and the next one, on one page that nobody touches."""
    fresh = Installation(tmp_path / "home", demo.landing, as_of=demo.as_of)
    published = fresh.home / "published"
    published.mkdir(parents=True)
    version = (demo.home / "published" / "current").readlink()
    with dashboard(fresh) as (address, process):
        page.goto(address)
        page.get_by_role("heading", level=1, name="Nothing is published yet").wait_for()
        assert "answerable run" in page.locator(".cx .note").inner_text()

        (published / "0-broken").mkdir()
        (published / "0-broken" / "answerable.duckdb").write_bytes(b"no database")
        serve(published, "0-broken")
        page.get_by_role("heading", level=1, name="This version can't be shown").wait_for()
        assert "answerable run" in page.locator(".cx .note").inner_text()

        for name in ("1-first", "2-next"):
            shutil.copytree(demo.home / "published" / version, published / name)
            serve(published, name)
            page.wait_for_selector(f'[data-version="{name}"]')
            assert values(page, "score")[""] == headline(demo).score
            shutil.rmtree(published / "0-broken", ignore_errors=True)
        opened = [path.readlink().name for path in Path(f"/proc/{process}/fd").iterdir() if path.is_symlink()]
        assert "answerable.duckdb" not in opened


def serve(published: Path, version: str) -> None:
    """Flip `current`, as a publication does."""
    partial = published / "current.tmp"
    partial.symlink_to(version)
    partial.rename(published / "current")


def test_without_the_extra_one_line_says_what_to_install(demo: Installation, tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['streamlit'] = None; from answerable.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", hidden, "dashboard", "--no-browser"],
        env=demo.environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert 'pip install "answerable[dashboard]"' in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_taken_port_is_one_line(demo: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = demo.run("dashboard", "--no-browser", "--port", str(taken.getsockname()[1]))
    assert result.returncode == 2
    assert "--port" in result.stderr
    assert len(result.stderr.splitlines()) == 1
