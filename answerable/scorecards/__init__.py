"""Scorecards: one page for the company and one for each team about a published version.

Belongs here: rendering the pages, naming their files, writing them whole or not at all.
Does not: read the marts (`figures`), put figures into words (`words`), decide when pages are made (orchestration).

    reports/<version>/company.html, teams/<team>.html

The pages are written to a folder whose name ends in `.tmp`, which is then renamed; `prune` removes what a killed run
left behind.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Collection
from pathlib import Path

import jinja2

from answerable import words as say
from answerable.scorecards import figures, words

COMPANY = "company.html"
TEAMS = "teams"

_VERSION = re.compile(r"\d{8}T\d{12}Z-[^/]+")
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def write(database: Path, reports: Path, version: str) -> list[Path]:
    """Write the pages of a published version, the company's first; return their paths.

    Replaces an existing folder of that version. Raises OSError or duckdb.Error, and then leaves nothing behind.
    """
    found = figures.read(database, version)
    environment = _environment()
    partial, final = reports / f"{version}.tmp", reports / version
    _remove(partial)
    try:
        (partial / TEAMS).mkdir(parents=True)
        pages = [partial / COMPANY]
        _render(environment, pages[0], found, team=None)
        for team in found.teams:
            pages.append(partial / TEAMS / file_name(team.team_id))
            _render(environment, pages[-1], found, team=team)
        _remove(final)
        partial.rename(final)
    except BaseException:
        _remove(partial)
        raise
    return [final / page.relative_to(partial) for page in pages]


def prune(reports: Path, versions: Collection[str]) -> None:
    """Remove the pages of versions that are no longer kept, and half-written pages. Other reports stay."""
    for path in reports.iterdir() if reports.is_dir() else ():
        if _VERSION.fullmatch(path.name) and path.name not in versions:
            _remove(path)


def file_name(team_id: str) -> str:
    """Return the file name of a team's page: the same in every run, safe, and different for different teams.

    >>> file_name("billing"), file_name("../Büro")
    ('billing.html', 'b-ro.2fc097c8cd00.html')
    """
    if _PLAIN.fullmatch(team_id):
        return f"{team_id}.html"
    # The dot keeps these names apart from the plain ones, which have none.
    plain = re.sub(r"[^a-z0-9]+", "-", team_id.lower()).strip("-")[:40] or "team"
    return f"{plain}.{hashlib.sha256(team_id.encode()).hexdigest()[:12]}.html"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(words.FILTERS)
    environment.globals.update(words=words, say=say, file_name=file_name)
    return environment


def _render(
    environment: jinja2.Environment, page: Path, found: figures.Figures, *, team: figures.TeamFigures | None
) -> None:
    template = environment.get_template("team.html" if team else "company.html")
    page.write_text(template.render(found=found, team=team), encoding="utf-8")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
