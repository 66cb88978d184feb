"""Scorecards as `answerable run` writes them: their figures are the marts', their text is text, they load nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import browser
import pytest
from conftest import HOSTILE, Installation

from answerable import scorecards

LEVEL = "level = 'relationship' and period_grain = 'quarter' and period_start = date '2025-01-01'"


class Page(HTMLParser):
    """The figures of a page by name, with the row's team where there is one; its tags, addresses and text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.figures: dict[tuple[str, str], tuple[str | None, str]] = {}
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.text = ""
        self._team = ""
        self._open: tuple[str, str] | None = None
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values: dict[str, Any] = dict(attrs)
        self.tags.add(tag)
        self.addresses += [values[name] for name in ("href", "src", "action") if values.get(name)]
        if tag == "tr":
            self._team = values.get("data-team", "")
        if name := values.get("data-figure"):
            self._open = (self._team, name)
            self.figures[self._open] = (values.get("data-value"), "")

    def handle_endtag(self, tag: str) -> None:
        self._open = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open:
            value, text = self.figures[self._open]
            self.figures[self._open] = (value, text + data)

    def value(self, name: str, team: str = "") -> float:
        return float(self.figures[team, name][0] or "nan")

    def shown(self, name: str, team: str = "") -> str:
        return self.figures[team, name][1].strip()


def pages(example: Installation) -> Path:
    return example.home / "reports" / (example.home / "published" / "current").readlink().name


def every_page(example: Installation) -> list[Path]:
    return sorted(pages(example).rglob("*.html"))


def test_there_is_a_small_page_for_the_company_and_each_team(worked_example: Installation) -> None:
    teams = {team for (team,) in worked_example.rows("select team_id from marts.dim_team where is_in_programme")}
    names = {path.relative_to(pages(worked_example)).as_posix() for path in every_page(worked_example)}
    assert names >= {"company.html", *(f"teams/{team}.html" for team in teams)}
    assert all(path.stat().st_size < 100_000 for path in every_page(worked_example))


def test_the_headline_and_its_parts_are_those_of_the_marts(worked_example: Installation) -> None:
    page = Page(pages(worked_example) / "company.html")
    [(score,)] = worked_example.rows(f"select score from marts.rpt_nps where is_headline and {LEVEL}")
    assert page.value("score") == score == pytest.approx(1251 / 4480 * 100)
    assert page.shown("score") == "27.9"
    rows = worked_example.rows(
        f"""
        select team_id, contribution from marts.rpt_team_contribution
        where {LEVEL} and weighting = 'value' and attribution_rule = 'owner'
        """
    )
    assert rows
    for team, contribution in rows:
        if contribution is None:
            assert page.figures[team, "contribution"][0] is None
            assert re.search("too few|not shown", page.shown("contribution", team))
        else:
            assert page.value("contribution", team) == contribution


def test_the_shown_parts_add_up_to_the_shown_headline(worked_example: Installation) -> None:
    page = Page(pages(worked_example) / "company.html")
    parts = [text for (_, name), (value, text) in page.figures.items() if name in ("contribution", "rest") and value]
    numbers = [float(part.strip().replace("−", "-")) for part in parts]
    total = float(page.shown("sum").replace("−", "-"))
    assert numbers
    assert sum(numbers) == pytest.approx(total, abs=0.05 * (len(numbers) + 1))


def test_the_figures_of_a_team_are_those_of_its_scorecard(worked_example: Installation) -> None:
    columns = ["over_target_count", "handoffs_returned_count", "follow_ups_late_count", "touchpoint_csat"]
    rows = worked_example.rows(
        f"""
        select team_id, {", ".join(columns)} from marts.rpt_team_scorecard inner join marts.dim_team using (team_id)
        where period_grain = 'quarter' and period_start = date '2025-01-01' and is_in_programme
        """
    )
    assert rows
    for team, *figures in rows:
        page = Page(pages(worked_example) / "teams" / f"{team}.html")
        for column, figure in zip(columns, figures, strict=True):
            if figure is None:
                assert page.shown(column)
                assert page.figures["", column][0] is None
            else:
                assert page.value(column) == figure


def test_pages_load_and_run_nothing(hostile: Installation) -> None:
    for path in every_page(hostile):
        page = Page(path)
        assert not page.tags & {"script", "img", "link", "iframe", "object", "form"}
        assert not [address for address in page.addresses if ":" in address or address.startswith("/")]
        assert not re.search(
            r"@import|url\(|javascript:|\son\w+=", path.read_text(encoding="utf-8").split("</style>")[0]
        )


def test_hostile_names_stay_text(hostile: Installation) -> None:
    assert HOSTILE in Page(pages(hostile) / "teams" / "support.html").text
    assert HOSTILE in Page(pages(hostile) / "company.html").text
    cases = hostile.rows(
        """
        select team_id, list(replace(account_name, chr(13), ''))
        from marts.fct_feedback_delivery
        inner join marts.fct_survey_response using (response_id)
        inner join marts.dim_account using (account_id)
        where is_follow_up_due and closed_at is null and answered_at between '2025-01-01' and '2025-04-01'
        group by 1
        """
    )
    assert cases
    for team, names in cases:
        shown = Page(pages(hostile) / "teams" / f"{team}.html").text
        assert any(f"Call {name}" in shown for name in names if "<script>" in name), shown


def test_pages_go_with_their_version(worked_example: Installation, tmp_path: Path) -> None:
    kept, gone = "20250101T000000000000Z-aaaaaaaa", "20240101T000000000000Z-bbbbbbbb"
    for name in (kept, gone, f"{kept}.tmp", "data_docs"):
        (tmp_path / name / "teams").mkdir(parents=True)
    scorecards.prune(tmp_path, [kept])
    assert {path.name for path in tmp_path.iterdir()} == {kept, "data_docs"}


def test_a_page_that_can_not_be_written_leaves_nothing_behind(worked_example: Installation, tmp_path: Path) -> None:
    version = pages(worked_example).name
    broken = tmp_path / "answerable.duckdb"
    broken.write_bytes(b"no database")
    with pytest.raises(Exception, match="not a valid DuckDB"):
        scorecards.write(broken, tmp_path / "reports", version)
    assert not (tmp_path / "reports").exists()


def test_the_same_version_has_the_same_pages(worked_example: Installation, tmp_path: Path) -> None:
    database = worked_example.home / "published" / "current" / "answerable.duckdb"
    for _ in range(2):
        written = scorecards.write(database, tmp_path, pages(worked_example).name)
    again = {page.name: page.read_bytes() for page in written}
    assert again == {page.name: page.read_bytes() for page in every_page(worked_example)}


@pytest.mark.parametrize("team", ["../../etc/passwd", "a/b", "a-b", "Büro", "büro", ".", "", "x" * 300, "a.b", "\0"])
def test_file_names_are_safe(team: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*(\.[0-9a-f]{12})?\.html", scorecards.file_name(team))


def test_file_names_differ() -> None:
    teams = ["a/b", "a-b", "a b", "A-B", "a_b", "a.b"]
    assert len({scorecards.file_name(team) for team in teams}) == len(teams)


@pytest.mark.parametrize("width", [360, 1100])
def test_a_browser_finds_nothing_wrong(hostile: Installation, width: int) -> None:
    """axe-core finds no serious violation, nothing outside is asked for, no page is wider than the screen."""
    with browser.chromium() as chromium:
        page = chromium.new_page(viewport={"width": width, "height": 800})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for path in every_page(hostile):
            page.goto(path.as_uri())
            assert browser.serious_violations(page) == [], path.name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
    assert asked
    assert not [url for url in asked if not url.startswith("file://")]
