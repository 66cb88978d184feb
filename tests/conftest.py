"""What every test may use: an installation of the product in a folder of its own, driven by its real command.

And what holds for every test: it runs, or it fails.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pytest

TESTS = Path(__file__).parent
sys.path.insert(0, str(TESTS))

from landed import grown_old  # noqa: E402 lies in the folder just named

HOSTILE = '<script>alert("x")</script>&<img src=http://outside.example/p.png>'
HOSTILE_MAIL = 'ACME\r\nBcc: all@evil.example\r\n\r\n<script>alert("@everyone")</script>\u202e'

WORKED_EXAMPLE = TESTS / "fixtures" / "worked_example"
COMMAND = Path(sys.executable).parent / "answerable"
MAKE = ("make", f"VENV={sys.prefix}")

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _failed_if_skipped((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _failed_if_skipped((yield))


def _failed_if_skipped(report: Report) -> Report:
    """What isn't tested fails: a test that is skipped, or expected to fail, would go unnoticed."""
    if report.skipped:
        expected = report.__dict__.pop("wasxfail", None)
        reason = f"Expected to fail: {expected}" if expected is not None else report.longrepr[2]
        report.outcome, report.longrepr = "failed", f"{reason} (and a test that is skipped fails)"
    return report


@dataclass
class Installation:
    """A home, a landing zone and a programme; `run` is the command as a user types it."""

    home: Path
    landing: Path
    programme: Path | None = None
    as_of: str = "2025-06-30T12:00:00Z"
    settings: dict[str, str] = field(default_factory=dict)
    within: tuple[str, ...] = ()
    """A command that the product's commands run under."""

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("ANSWERABLE_", "DAGSTER_"))}
        return {
            **clean,
            "ANSWERABLE_HOME": str(self.home),
            "ANSWERABLE_LANDING": str(self.landing),
            "ANSWERABLE_AS_OF": self.as_of,
            "ANSWERABLE_PROGRAMME": str(self.programme or ""),
            "ANSWERABLE_HMAC_KEY": "5e" * 32,
            **self.settings,
        }

    def run(self, *arguments: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run `answerable …`; what it printed is in `stdout` and `stderr`."""
        return subprocess.run(
            [*self.within, str(COMMAND), *arguments],
            env=self.environment(),
            cwd=self.landing.parent,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def copy(self, folder: Path) -> Installation:
        """Return the same with a home of its own in the folder, to be changed."""
        shutil.copytree(self.home, folder / "home", symlinks=True)
        # its history names its place: a copy that wrote to the original's would show up in all others
        settings = folder / "home" / "dagster" / "dagster.yaml"
        if settings.exists():
            settings.write_text(settings.read_text().replace(str(self.home), str(folder / "home")))
        return replace(self, home=folder / "home", settings=dict(self.settings))

    def land(self, entity: str, text: str | bytes, name: str = "file.csv") -> Path:
        """Write a file into the landing zone of an entity such as `crm.accounts`."""
        path = self.landing / entity.replace(".", "/") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return grown_old(path)

    def published(self) -> duckdb.DuckDBPyConnection:
        """Open the published version read-only, as a BI tool does."""
        return _open(self.home / "published" / "current" / "answerable.duckdb")

    def warehouse(self) -> duckdb.DuckDBPyConnection:
        """Open the warehouse read-only."""
        return _open(self.home / "warehouse.duckdb")

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Query the published version."""
        with self.published() as connection:
            return connection.execute(sql, parameters).fetchall()

    def raw_rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Query the warehouse."""
        with self.warehouse() as connection:
            return connection.execute(sql, parameters).fetchall()


def _open(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """An installation with nothing landed, on the programme of the worked example."""
    landing = tmp_path / "landing"
    landing.mkdir()
    return Installation(tmp_path / "home", landing, WORKED_EXAMPLE / "programme")


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Return a folder of that name, filled by the function once for all processes that run the tests; read only."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def filled(name: str, fill: Callable[[Path], None]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                fill(folder)
                done.touch()
        return folder

    return filled


@pytest.fixture(scope="session")
def compiled(once: Callable[[str, Callable[[Path], None]], Path]) -> dict[str, Any]:
    """dbt's manifest of the project as it stands, with the SQL of every model compiled, each by itself."""
    project = TESTS.parent / "dbt_project"

    def fill(folder: Path) -> None:
        ours = ("ANSWERABLE_", "DBT_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        done = subprocess.run(
            [
                *(str(Path(sys.executable).parent / "dbt"), "--quiet", "compile", "--select", "resource_type:model"),
                # every model a relation, so that each can be looked at by itself
                *("--target", "inspect"),
                *("--project-dir", str(project), "--profiles-dir", str(project)),
                *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
            ],
            env={**environment, "ANSWERABLE_HOME": str(folder), "DO_NOT_TRACK": "1"},
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    manifest = once("compiled", fill) / "target" / "manifest.json"
    return json.loads(manifest.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def worked_example(once: Callable[[str, Callable[[Path], None]], Path]) -> Installation:
    """The worked example after one `answerable run`; read only."""

    def example(folder: Path) -> Installation:
        return Installation(folder / "home", WORKED_EXAMPLE / "landing", WORKED_EXAMPLE / "programme")

    def fill(folder: Path) -> None:
        result = example(folder).run("run")
        assert result.returncode == 0, result.stdout + result.stderr

    return example(once("worked_example", fill))


@pytest.fixture(scope="session")
def hostile(once: Callable[[str, Callable[[Path], None]], Path]) -> Installation:
    """The worked example in March with names that are programs, and a demand sent too early; read only."""

    def example(folder: Path) -> Installation:
        return Installation(folder / "home", folder / "landing", folder / "programme", as_of="2025-03-25T12:00:00Z")

    def quoted(name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def fill(folder: Path) -> None:
        shutil.copytree(WORKED_EXAMPLE / "landing", folder / "landing")
        shutil.copytree(WORKED_EXAMPLE / "programme", folder / "programme")
        for path in (folder / "landing" / "crm" / "accounts").iterdir():
            rename(path, r"A\d+", HOSTILE)
            rename(path, "A[13]", HOSTILE_MAIL)
        rename(folder / "programme" / "teams.csv", "support", HOSTILE)
        installation = example(folder)
        installation.land(
            "billing.invoices",
            "invoice_id,account_id,issued_on,due_on,amount,updated_at\n"
            "INV,A1,2025-03-01,2025-03-31,100,2025-03-01T00:00:00Z\n",
        )
        installation.land(
            "billing.notices",
            "notice_id,invoice_id,account_id,notice_kind,sent_at,sent_by_team,body,updated_at\n"
            "N1,INV,A1,suspension_warning,2025-03-20T12:00:00Z,ar,Dear Jo Secretname,2025-03-20T12:00:00Z\n",
        )
        result = installation.run("run")
        assert result.returncode == 0, result.stdout + result.stderr
        assert "company.html" in result.stdout

    def rename(path: Path, keys: str, name: str) -> None:
        """Give the rows of these keys another name, their second column."""
        rows = re.compile(f'^({keys}),("(?:""|[^"])*"|[^,]*),', re.MULTILINE)
        text = path.read_bytes().decode()
        path.write_bytes(rows.sub(lambda row: f"{row[1]},{quoted(name)},", text).encode())

    return example(once("hostile", fill))


@pytest.fixture(scope="session")
def demo(once: Callable[[str, Callable[[Path], None]], Path]) -> Installation:
    """The demo after `make demo`, which printed `printed.txt` beside its home; read only."""

    def fill(folder: Path) -> None:
        """In a user's shell, in which the environment that the tests run in is the one `make` would make."""
        clean = Installation(folder, folder).environment()
        clean = {name: value for name, value in clean.items() if not name.startswith("ANSWERABLE_")}
        Path(sys.prefix, ".installed").touch()
        result = subprocess.run(
            [*MAKE, "demo", f"DEMO={folder / 'data'}"],
            cwd=TESTS.parent,
            env=clean,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        (folder / "printed.txt").write_text(result.stdout, encoding="utf-8")

    home = once("demo", fill) / "data"
    return Installation(home, home / "landing", as_of="2026-09-30T23:59:59Z")
