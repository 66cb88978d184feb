"""What a run found and what it published, as one screen of text.

Belongs here: reading the published version and the ledger, laying out the figures in 80 columns.
Does not: run anything or compute a figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import duckdb
from rich.console import Console
from rich.text import Text

from answerable.published import Headline, PlainScore, headline, open_published, plain_score
from answerable.settings import Settings
from answerable.words import counted, period, points, withheld

TEAMS_SHOWN = 3
_BAR_WIDTH = 20

_LEDGER = """
    select coalesce(sum(rows_read), 0), coalesce(sum(rows_quarantined), 0)
    from raw.load_ledger where load_id = ?
"""
_REJECTED = """
    select file || ' (' || source || '.' || entity || '): ' || reason
    from raw.load_ledger where load_id = ? and status = 'rejected' order by file
"""
_IGNORED = "select count(*) from raw.load_ledger where status = 'ignored'"
_NOTED = """
    select status, file || ': ' || reason
    from raw.load_ledger
    where load_id = ? and (status = 'ignored' or status = 'loaded' and reason is not null)
    order by status, file limit 20
"""
_WITHOUT_ACCOUNT = """
    select count(distinct issues.key), count(distinct responses.response_id)
    from marts.data_quality_issues as issues
    join raw.survey_responses as responses on responses.account_id = issues.key
    where issues.rule = 'account_in_quarantine' and issues.resolved_at is null
"""
_UNOWNED = "select count(distinct touchpoint) from marts.rpt_ownership_coverage where not is_owned"

_HELD = """
    select severity, count(*) filter (verdict = 'hold'), count(*)
    from (select *, min(on_day) over (partition by invoice_id) as today from marts.rpt_notice_guard) as guarded
    where on_day = today and severity > 0
    group by severity order by severity
"""

_FLAGGED = """
    select count(*) filter (is_demand_before_due), count(*) filter (is_tone_mismatch)
    from marts.fct_billing_notice where is_flagged
"""


@dataclass(frozen=True)
class Loaded:
    """The result of one load: rows read and quarantined, and one line per rejected file.

    `ignored` counts the files of the landing zone that no contract reads; `notes` names those that this load found, and
    files that changed under their names.
    """

    rows_read: int
    rows_quarantined: int
    rejected: Sequence[str]
    ignored: int = 0
    notes: Sequence[str] = ()

    @property
    def noted(self) -> list[Text]:
        """One line for each file there is something to say of."""
        rejected = [Text(f"rejected  {line}", style="yellow") for line in self.rejected]
        return [*rejected, *(Text(note, style="dim") for note in self.notes)]


def loaded(warehouse: Path, load_id: str) -> Loaded:
    """Return the result of a load from the ledger; zeros if it never got that far."""
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            read, quarantined = connection.execute(_LEDGER, [load_id]).fetchall()[0]
            rejected = connection.execute(_REJECTED, [load_id]).fetchall()
            ignored = connection.execute(_IGNORED).fetchall()[0][0]
            notes = connection.execute(_NOTED, [load_id]).fetchall()
    except duckdb.Error:
        return Loaded(0, 0, [])
    said = [printable(f"{'changed' if status == 'loaded' else status:<8}  {line}") for status, line in notes]
    return Loaded(int(read), int(quarantined), [printable(reason) for (reason,) in rejected], int(ignored), said)


def answers_without_account(warehouse: Path) -> tuple[int, int]:
    """Return how many accounts with answers have nothing but a record in quarantine, and how many answers those are."""
    with suppress(duckdb.Error), duckdb.connect(str(warehouse), read_only=True) as connection:
        if row := connection.execute(_WITHOUT_ACCOUNT).fetchone():
            return int(row[0]), int(row[1])
    return 0, 0


def touchpoints_without_owner(database: Path) -> int:
    """Return how many touchpoints have no owner, now or at some earlier time."""
    with closing(open_published(database)) as connection, suppress(duckdb.CatalogException):
        if row := connection.execute(_UNOWNED).fetchone():
            return int(row[0])
    return 0


def flagged_notices(database: Path) -> tuple[int, int]:
    """Return how many notices were demands before the due day and how many were too hard; one notice may be both."""
    with closing(open_published(database)) as connection, suppress(duckdb.CatalogException):
        if row := connection.execute(_FLAGGED).fetchone():
            return int(row[0]), int(row[1])
    return 0, 0


def held_invoices(database: Path) -> str | None:
    """Return how many open invoices the guard holds today at which severity, None where none is open."""
    with closing(open_published(database)) as connection, suppress(duckdb.CatalogException):
        rows = connection.execute(_HELD).fetchall()
        if rows:
            alike = [
                (count, [row[0] for row in same]) for count, same in groupby(rows, key=lambda row: row[1]) if count
            ]
            held = [f"{count:,} at severity {' to '.join(map(str, at[:: len(at) - 1 or 1]))}" for count, at in alike]
            return f"{', '.join(held) or 'none'}, of {counted(rows[0][2], 'open invoice')}"
    return None


def show(
    console: Console, settings: Settings, load_id: str, checks: Counter[str], version: str, seconds: float
) -> Loaded:
    """Print the summary of a run that published `version`; return what it loaded."""
    database = settings.published_database
    found = loaded(settings.warehouse, load_id)
    early, harsh = flagged_notices(database)
    lines = [
        Text(),
        *_headline(headline(database), plain_score(database)),
        Text(),
        _fact(
            "Rows in",
            f"{found.rows_read:,}, quarantined {found.rows_quarantined:,}, "
            f"files rejected {len(found.rejected)}, ignored {found.ignored}",
        ),
        _fact("Checks", f"{checks['passed']} passed, {checks['warned']} warned, {checks['failed']} failed"),
        _fact("No owner", counted(touchpoints_without_owner(database), "touchpoint")),
        _fact("Flagged", f"{counted(early, 'notice')} before the due day, {harsh:,} too hard"),
        *_held(database),
        _fact("Marts", _path(database)),
        *_lost_accounts(*answers_without_account(settings.warehouse)),
        *_pages(settings.reports / version / "company.html"),
        _fact("Checked", _path(settings.reports / "data_docs" / "index.html")),
        _fact("Version", f"{version}, in {seconds:.0f} s"),
        *found.noted,
    ]
    for line in lines:
        console.print(line, soft_wrap=True)
    return found


def show_unchanged(console: Console, settings: Settings, load_id: str, version: str) -> Loaded:
    """Print that nothing was new since the version that serves; return what the load met, rejected files at most."""
    found = loaded(settings.warehouse, load_id)
    for line in (
        Text("Nothing new"),
        _fact("Version", version),
        _fact("Marts", _path(settings.published_database)),
        *found.noted,
    ):
        console.print(line, soft_wrap=True)
    return found


def printable(text: str) -> str:
    """Return the text with control characters escaped: the name of a file must not control a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _headline(figures: Headline | None, plain: PlainScore | None) -> Iterator[Text]:
    if figures is None and plain is not None:
        yield Text(f"NPS  {withheld('no_weight')}", style="bold")
        quarter = period("quarter", plain.period_start, plain.period_end)
        yield Text.assemble(
            ("Plain score ", "bold"),
            (points(plain.score), _style(plain.score, "bold ")),
            f"   95 % interval {points(plain.ci_low)} … {points(plain.ci_high)}",
            (f"   {plain.level}, {quarter}, {counted(plain.response_count, 'response')}, each alike", "dim"),
        )
        return
    if figures is None:
        yield Text("NPS  no quarter has enough answers yet", style="bold")
        return
    quarter = period("quarter", figures.period_start, figures.period_end)
    yield Text.assemble(
        ("NPS ", "bold"),
        (points(figures.score), _style(figures.score, "bold ")),
        f"   95 % interval {points(figures.ci_low)} … {points(figures.ci_high)}",
        (f"   {figures.level}, {quarter}, {counted(figures.response_count, 'response')}", "dim"),
    )
    yield Text("Largest contributions by the teams that own the touchpoints", style="dim")
    yield from _teams(figures.teams)


def _lost_accounts(accounts: int, answers: int) -> Iterator[Text]:
    if accounts:
        who = "1 account has" if accounts == 1 else f"{accounts:,} accounts have"
        lost = "1 answer of it lost its" if answers == 1 else f"{answers:,} answers lost their"
        yield _fact("Refused", f"{who} no record but one in quarantine; {lost} weight")


def _held(database: Path) -> Iterator[Text]:
    if held := held_invoices(database):
        yield _fact("On hold", held)


def _pages(company: Path) -> Iterator[Text]:
    if company.exists():
        yield _fact("Pages", _path(company))


def _teams(teams: Mapping[str, float | None]) -> Iterator[Text]:
    shown = [(printable(team), value) for team, value in teams.items() if value is not None][:TEAMS_SHOWN]
    name_width = max((len(team) for team, _ in shown), default=0)
    widest = max((abs(value) for _, value in shown), default=0) or 1
    for team, value in shown:
        bar = "█" * max(1, round(_BAR_WIDTH * abs(value) / widest))
        yield Text.assemble(f"  {team:<{name_width}}  ", (f"{points(value, '+'):>6}  {bar}", _style(value)))
    if hidden := sum(value is None for value in teams.values()):
        yield Text(f"  {counted(hidden, 'team')} not shown: too few answers", style="dim")


def _fact(label: str, value: str) -> Text:
    return Text.assemble((f"{label:<10}", "dim"), value)


def _style(points: float, prefix: str = "") -> str:
    return prefix + ("green" if points >= 0 else "red")


def _path(path: Path) -> str:
    with suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)
