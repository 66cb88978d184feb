"""Who may read a home: its owner, also where an older version or a killed run left it open; a group the published."""

import grp
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from answerable.settings import Settings, SettingsError, plainly_named
from orchestration import modes
from orchestration.lock import writing


@pytest.fixture(autouse=True)
def as_commands_do() -> Iterator[None]:
    before = os.umask(modes.UMASK)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home as an older version left it: open to everybody, its landing zone within."""
    home = tmp_path / "home"
    for name in ("warehouse.duckdb", "published/v1/answerable.duckdb", "staging/landed", "landing/crm/sites/a.csv"):
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return home


def test_the_next_run_closes_an_open_home_and_leaves_the_landing_zone(home: Path) -> None:
    assert {path.name for path in modes.wider(home, None)} >= {
        "home",
        "warehouse.duckdb",
        "landed",
        "answerable.duckdb",
    }
    with writing(home, "a test"):
        pass
    assert list(modes.wider(home, None)) == []
    assert mode(home) == 0o700
    assert mode(home / "warehouse.duckdb") == mode(home / "published/v1/answerable.duckdb") == 0o600
    assert mode(home / "landing/crm/sites/a.csv") == 0o644


def test_a_home_that_may_only_be_read_stays_so(home: Path) -> None:
    home.chmod(0o555)
    modes.close(home)
    assert mode(home) == 0o500


def test_what_a_killed_load_left_is_closed(home: Path) -> None:
    modes.close(home)
    (home / "warehouse.duckdb.wal").touch()
    (home / "warehouse.duckdb.wal").chmod(0o644)
    assert [path.name for path in modes.wider(home, None)] == ["warehouse.duckdb.wal"]
    modes.close(home)
    assert list(modes.wider(home, None)) == []


def test_a_group_reads_what_is_published_and_nothing_else(home: Path) -> None:
    group = grp.getgrgid(os.getgid()).gr_name
    modes.close(home)
    modes.open_to(group, home, home / "published")
    assert (mode(home), mode(home / "published"), mode(home / "published/v1")) == (0o710, 0o750, 0o750)
    assert mode(home / "published/v1/answerable.duckdb") == 0o640
    assert mode(home / "warehouse.duckdb") == 0o600
    assert list(modes.wider(home, group)) == []
    assert home / "published" in set(modes.wider(home, None))
    modes.close(home)
    assert mode(home) == 0o710


def test_an_unknown_group_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERABLE_READERS_GROUP", "no-such-group-here")
    with pytest.raises(SettingsError, match="ANSWERABLE_READERS_GROUP: no group of this machine"):
        Settings.load()


def test_a_folder_of_any_name_has_a_plain_one(tmp_path: Path) -> None:
    assert plainly_named(tmp_path / "plain é 日本") == tmp_path / "plain é 日本"
    odd = tmp_path / "a[1]?b;c"
    link = plainly_named(odd)
    assert link.resolve() == odd.resolve() and "[" not in str(link) and "?" not in str(link)
    assert plainly_named(odd) == link
    link.unlink()
    link.mkdir()
    with pytest.raises(OSError, match="in the way"):
        plainly_named(odd)
    link.rmdir()
