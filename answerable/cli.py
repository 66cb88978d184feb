"""The command line: `answerable run | connect | demo | status | doctor | dashboard | check-notice | guard | deliver`.

Belongs here: options, progress, exit codes, one clear line when something is wrong.
Does not: any work. Heavy imports wait until a command needs them, so that `--help` is instant.
"""

from __future__ import annotations

import gc
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn, TextIO

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from answerable.settings import Settings

_NOBODY_ELSE = 0o077
NOT_PUBLISHED, USAGE, FILES_REJECTED, INTERRUPTED = 1, 2, 3, 130
VERDICTS = {"go": 0, "soften": 4, "hold": 5, "unknown": 6}
LINES_MISSING = 3

app = typer.Typer(
    name="answerable",
    help="A B2B customer-experience warehouse: every score mapped to the team that answers for it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command line."""
    os.umask(_NOBODY_ELSE)
    try:
        app()
    except KeyboardInterrupt:
        _last_line("interrupted; the last published version is still served", sys.stdout)
        # Exit at once: a killed run leaves nothing to repair.
        os._exit(INTERRUPTED)


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False) -> None:
    if version:
        from answerable import code_version

        typer.echo(f"answerable {code_version()}")
        raise typer.Exit


@app.command()
def run(
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Rebuild every model from the raw tables.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Publish although nothing is new.")] = False,
    accept_restatement: Annotated[
        bool, typer.Option("--accept-restatement", help="Publish although past periods lose their point.")
    ] = False,
) -> None:
    """Land what is new of the connections, load new files, rebuild and test what can have changed, publish.

    Exit codes: 0 published, or nothing new; 3 the same, but a rejected file is still there or a connection failed; 1
    not published, or not to PostgreSQL or without scorecards, or not all feedback was delivered: the last line says
    why; 2 a setting is wrong.
    """
    settings, started = _settings(), time.monotonic()
    _check_connections(settings)
    if settings.connections is not None and not settings.landing.exists():
        settings.landing.mkdir(parents=True)
    if not settings.landing.is_dir():
        seen = "is no folder" if settings.landing.exists() else "does not exist"
        _leave(f"landing zone {settings.landing} {seen}: create it, or change ANSWERABLE_LANDING", USAGE)
    # The libraries below make a million long-lived objects; collecting garbage less often saves 7 % of a run.
    gc.set_threshold(100_000, 20, 20)
    console = _console()
    with _clear_errors(settings.home), _progress(console) as say:
        from orchestration.run import run_everything

        outcome = run_everything(
            settings, full_refresh=full_refresh, force=force, accept_restatement=accept_restatement, on_wait=say
        )
    from answerable import summary
    from answerable.published import current_version

    for unsettled in outcome.unsettled:
        left = f"left      {unsettled}: still being written; the next run reads it"
        console.print(summary.printable(left), soft_wrap=True)
    for failed in outcome.failed:
        console.print(summary.printable(f"failed    {failed}"), soft_wrap=True)
    if outcome.reason is not None:
        for note in summary.loaded(settings.warehouse, outcome.load_id).noted:
            console.print(note, soft_wrap=True)
        _leave(f"not published: {outcome.reason}", NOT_PUBLISHED)
    version = current_version(settings.published) or ""
    if not outcome.is_new:
        found = summary.show_unchanged(console, settings, outcome.load_id, version)
    else:
        found = summary.show(console, settings, outcome.load_id, outcome.checks, version, time.monotonic() - started)
    if outcome.lacking is not None:
        _leave(f"published, but {outcome.lacking}", NOT_PUBLISHED)
    if found.rejected or outcome.failed:
        raise typer.Exit(FILES_REJECTED)


@app.command()
def connect(
    name: Annotated[str | None, typer.Argument(help="A connection; by default all. With --init a connector.")] = None,
    folder: Annotated[str | None, typer.Argument(help="With --init: the folder of its exports.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Land nothing; show what is found and what is missing.")
    ] = False,
    init: Annotated[bool, typer.Option("--init", help="Add a connection to connections.yml.")] = False,
) -> None:
    """Land what is new in your own systems, as connections.yml says.

    Exit codes: 0 landed, or nothing new; 1 a connection landed nothing, the others did; 2 wrong usage or
    configuration; 3 with --check, lines of maps or links are missing.
    """
    settings = _settings()
    if init:
        _init(settings, name, folder)
        return
    from answerable import connecting as words
    from answerable.summary import printable
    from ingest.connections import ConfigurationError, ConnectionFailedError
    from orchestration import connecting
    from orchestration.lock import writing

    code = 0
    with _clear_errors(settings.home, "nothing landed"):
        try:
            found = connecting.required(settings)
            chosen = found.chosen(name)
        except ConfigurationError as error:
            _leave(str(error), USAGE)
        settings.landing.mkdir(parents=True, exist_ok=True)
        with writing(settings.home, "a sync", timeout=settings.lock_timeout):
            for one in chosen:
                try:
                    report = (connecting.check if check else connecting.sync)(settings, found, one)
                except ConnectionFailedError as error:
                    typer.echo(printable(f"{one}: {'stopped' if check else 'nothing landed'}: {error}"))
                    code = NOT_PUBLISHED
                    continue
                for line in words.checked(report) if check else words.landed(report):
                    typer.echo(printable(line))
                if check and report.is_incomplete:
                    code = code or LINES_MISSING
    if code:
        raise typer.Exit(code)


def _init(settings: Settings, connector: str | None, folder: str | None) -> None:
    from ingest.connections import ConfigurationError
    from orchestration import connecting

    if connector is None or folder is None:
        _leave("name a connector and the folder of its exports: answerable connect --init salesforce exports/", USAGE)
    path = settings.connections or Path("connections.yml").absolute()
    try:
        name = connecting.initial(path, connector, folder)
    except (ConfigurationError, OSError) as error:
        _leave(str(error), USAGE)
    typer.echo(f"{path} has connection {name}; next: answerable connect --check {name}")
    if settings.connections is None:
        typer.echo(f"export ANSWERABLE_CONNECTIONS={path}")


@app.command()
def demo(
    accounts: Annotated[int, typer.Option(min=1, help="How many accounts.")] = 500,
    months: Annotated[int, typer.Option(min=1, help="How many months of history.")] = 24,
    seed: Annotated[int, typer.Option(help="The same seed makes the same files.")] = 7,
    out: Annotated[Path | None, typer.Option(help="The folder to write to; by default the landing zone.")] = None,
    broken_files: Annotated[bool, typer.Option("--broken-files", help="Add files that can't be read.")] = False,
) -> None:
    """Make demo data: landed files of a made-up B2B supplier.

    Like real exports they have late, repeated, corrected and wrong records.
    """
    from answerable.demo import DEMO_END, generate

    target = out or _settings().landing
    with _clear_errors(target):
        try:
            rows = generate(target, accounts=accounts, months=months, seed=seed, broken_files=broken_files)
        except ValueError as error:
            _leave(str(error), USAGE)
    typer.echo(f"{sum(rows.values()):,} rows of {len(rows)} entities in {target}, up to {DEMO_END}")


@app.command()
def status() -> None:
    """Show what is published and loaded, and who holds the lock."""
    from answerable import status as report

    settings = _settings()
    with _clear_errors(settings.home):
        report.show(_console(), settings)


@app.command()
def dashboard(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The local port to listen on.")] = 8501,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Don't open a browser.")] = False,
) -> None:
    """Show the published version in a local web page.

    Ctrl-C stops it. Exit code 2: the extra `dashboard` is not installed, or the port is in use.
    """
    _settings()
    try:
        import streamlit  # noqa: F401
    except ImportError:
        _leave('the dashboard is not installed: pip install "answerable[dashboard]"', USAGE)
    from answerable.dashboard import ADDRESS, serve

    _try_port(ADDRESS, port)
    typer.echo(f"dashboard on http://{ADDRESS}:{port}, Ctrl-C stops it")
    serve(port, opens_browser=not no_browser)


@app.command("check-notice")
def check_notice(
    kind: Annotated[str, typer.Option(help="The kind of notice, as billing has it: reminder, dunning, …")],
    invoice: Annotated[str | None, typer.Option(help="The invoice_id in the billing system.")] = None,
    number: Annotated[str | None, typer.Option(help="The number printed on the invoice.")] = None,
    channel: Annotated[str, typer.Option(help="How it would go out: email, letter, phone, …")] = "email",
    send_at: Annotated[str | None, typer.Option(help="When it would go out, up to 48 hours ahead; now.")] = None,
    subject: Annotated[str | None, typer.Option(help="Its subject.")] = None,
    text: Annotated[str | None, typer.Option(help="Its text.")] = None,
    text_file: Annotated[Path | None, typer.Option(help="A file with its text; - is standard input.")] = None,
    stdin: Annotated[str | None, typer.Argument(metavar="[-]", help="- reads its text from standard input.")] = None,
    notice_id: Annotated[str | None, typer.Option(help="Your own id of the notice.")] = None,
    output: Annotated[
        Literal["text", "json"], typer.Option("--format", help="text for people, json for programs.")
    ] = "text",
) -> None:
    """Ask whether a notice may go out. It answers from the published version; it blocks and sends nothing.

    Exit codes: 0 go; 4 soften; 5 hold; 6 unknown: ask a person; 2 wrong usage; 1 failed. Send on 0 alone.
    """
    from datetime import datetime

    import duckdb

    from answerable.guard.answers import Question, QuestionError, as_json
    from answerable.guard.audit import recorded
    from answerable.guard.lines import as_text
    from answerable.summary import printable

    settings = _settings()
    if stdin not in (None, "-"):
        _leave(f"{stdin}: no option; - reads the text from standard input", USAGE)
    if sum(given is not None for given in (text, text_file, stdin)) > 1:
        _leave("text: give one of --text, --text-file and -", USAGE)
    try:
        if stdin or str(text_file) == "-":
            text = sys.stdin.read()
        elif text_file is not None:
            text = text_file.read_text(encoding="utf-8")
        instant = None if send_at is None else datetime.fromisoformat(send_at)
        asked = Question(kind, invoice, number, channel, instant, subject, text, notice_id)
        found = recorded(asked, settings, "cli")
    except QuestionError as error:
        _leave(str(error), USAGE)
    except UnicodeDecodeError:
        _leave("text: not UTF-8", USAGE)
    except ValueError:
        _leave("send_at: an instant with an offset, such as 2026-01-31T09:00:00Z", USAGE)
    except (OSError, duckdb.Error) as error:
        _leave(f"not answered: {str(error).splitlines()[0]}", NOT_PUBLISHED)
    typer.echo(as_json(found) if output == "json" else "\n".join(map(printable, as_text(found))))
    raise typer.Exit(VERDICTS[found["verdict"]])


@app.command()
def guard(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The local port to listen on.")] = 8765,
    new_token: Annotated[
        str | None,
        typer.Option("--new-token", metavar="NAME", help="Print a new token for a caller, and serve nothing."),
    ] = None,
) -> None:
    """Answer over HTTP whether a notice may go out, on this machine alone.

    Ctrl-C stops it. Exit code 2: no token was made, the extra `guard` is not installed, or the port is in use.
    """
    from answerable.guard.tokens import TokenError, Tokens

    settings = _settings()
    tokens = Tokens(settings.guard_tokens)
    if new_token is not None:
        try:
            typer.echo(tokens.make(new_token))
        except TokenError as error:
            _leave(f"--new-token: {error}", USAGE)
        except OSError as error:
            _leave(f"no token made: {error}", NOT_PUBLISHED)
        return
    if not tokens.known():
        _leave("nobody may ask yet: make a token with answerable guard --new-token NAME", USAGE)
    try:
        from answerable.guard.serving import ADDRESS, serve
    except ImportError:
        _leave('the guard is not installed: pip install "answerable[guard]"', USAGE)
    _try_port(ADDRESS, port)
    typer.echo(f"guard on http://{ADDRESS}:{port}, Ctrl-C stops it")
    serve(settings, port)


@app.command()
def deliver(
    team: Annotated[str, typer.Option(help="The team_id in teams.csv.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the messages; send and record nothing.")] = False,
) -> None:
    """Send a team its new feedback, or show what would be sent.

    From the published version. Exit codes: 0 sent, nothing due, or waiting; 1 not sent (the last line says why, and
    the next run tries again); 2 no such team, or it has no delivery_url.
    """
    settings = _settings()
    with _clear_errors(settings.home, "not delivered"):
        from answerable import delivery
        from ingest import programme
        from orchestration.lock import writing
        from orchestration.manifest import DEFAULT_PROGRAMME

        known = {one.team_id: one for one in programme.teams(settings.programme, DEFAULT_PROGRAMME)}
        if (chosen := known.get(team)) is None:
            _leave(f"no team {team} in teams.csv; choose one of {', '.join(sorted(known))}", USAGE)
        if not chosen.url:
            _leave(f"team {team} has no delivery_url: set it in teams.csv", USAGE)
        database = settings.published_database
        if not database.exists():
            _leave("not delivered: nothing is published yet; run `answerable run` first", NOT_PUBLISHED)
        when = delivery.When(settings.as_of, settings.delivery_days)
        with writing(settings.home, "a delivery", timeout=settings.lock_timeout):
            if dry_run:
                typer.echo(delivery.draft(database, settings.warehouse, chosen, when))
                return
            [found] = delivery.deliver(database, settings.warehouse, [chosen], when)
    if found.failure:
        _leave(f"not delivered: {found}", NOT_PUBLISHED)
    _last_line(str(found), sys.stdout)


@app.command()
def doctor() -> None:
    """Check settings, versions, lock, disk and programme.

    Exit code 1: something is wrong.
    """
    settings, console = _settings(), _console()
    from rich.table import Table
    from rich.text import Text

    from answerable.doctor import examine

    findings = list(examine(settings))
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        mark = Text("ok", style="green") if finding.is_fine else Text("wrong", style="bold red")
        table.add_row(mark, Text(finding.what), Text(finding.seen, overflow="fold"))
    console.print(table)
    wrong = sum(not finding.is_fine for finding in findings)
    if wrong:
        _leave(f"{wrong} problem{'s' if wrong > 1 else ''} to fix", NOT_PUBLISHED)


def _settings() -> Settings:
    from answerable.settings import Settings, SettingsError

    try:
        return Settings.load()
    except SettingsError as error:
        _leave(str(error), USAGE)


def _try_port(address: str, port: int) -> None:
    """Leave where a port can't be used."""
    import socket

    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
        except OSError as error:
            _leave(f"port {port} can't be used ({error.strerror}); choose another with --port", USAGE)


def _check_connections(settings: Settings) -> None:
    """Leave where the configuration of the connections is wrong."""
    if settings.connections is None:
        return
    from ingest.connections import ConfigurationError
    from orchestration import connecting

    try:
        connecting.configuration(settings)
    except ConfigurationError as error:
        _leave(str(error), USAGE)


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


@contextmanager
def _clear_errors(home: Path, outcome: str = "not published") -> Iterator[None]:
    """Turn expected errors (files, settings, programme, lock) into one line and exit code 1; a bug keeps its trace."""
    import duckdb

    from answerable.settings import SettingsError
    from ingest import IngestError
    from orchestration.lock import LockedError
    from orchestration.manifest import ManifestError

    expected = (IngestError, LockedError, ManifestError, SettingsError, OSError, duckdb.Error)
    noise = io.StringIO()
    try:
        with redirect_stderr(noise):
            yield
    except (typer.Exit, KeyboardInterrupt):
        raise
    except Exception as error:
        from orchestration.failures import is_disk_full, one_line

        # Libraries that can't write to a full or read-only disk report it at length.
        if is_disk_full(error, home):
            noise.truncate(0)
            _leave(f"{outcome}: disk full: {home}; free some space and run again, nothing is lost", NOT_PUBLISHED)
        if not isinstance(error, expected):
            raise
        noise.truncate(0)
        _leave(f"{outcome}: {one_line(error)}", NOT_PUBLISHED)
    finally:
        sys.stderr.write(noise.getvalue())


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[str], None]]:
    """Show the progress of the run: bars on a terminal, else one line per step."""
    from answerable.progress import Bars, Lines
    from orchestration.progress import watched

    display = Bars(console) if console.is_terminal else Lines(console)
    with display, watched(display.done):
        yield display.say


def _leave(line: str, code: int) -> NoReturn:
    """Print the last line and exit with the code; usage errors go to standard error."""
    _last_line(line, sys.stderr if code == USAGE else sys.stdout)
    raise typer.Exit(code)


def _last_line(line: str, stream: TextIO) -> None:
    from answerable.summary import printable

    print("\n".join(printable(part) for part in line.splitlines()), file=stream, flush=True)


if __name__ == "__main__":
    main()
