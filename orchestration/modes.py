"""Who else on the machine may read what lies under a home: nobody, but for a group that reads what is published.

Belongs here: modes and groups of files and folders. Does not: what a file holds.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

UMASK = 0o077
_FOLDER, _TRAVERSED, _READ = 0o700, 0o710, 0o750
_OTHERS = 0o077


def close(home: Path) -> None:
    """Make a home, or close one that was open to others.

    Its landing zone and programme keep their modes: others may have to write there, once they are let in.
    """
    home.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    was_open = home.stat().st_mode & _OTHERS & ~_TRAVERSED
    _close(home if was_open else None, *(path for path in home.iterdir() if path.is_file() and not path.is_symlink()))
    if was_open:
        _close(*_below(home))


def _close(*paths: Path | None) -> None:
    for path in filter(None, paths):
        with suppress(FileNotFoundError):
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & _OTHERS:
                path.chmod(mode & ~_OTHERS)


def open_to(group: str | None, home: Path, folder: Path) -> None:
    """Let a group read a folder of the home and all that is in it; without a group, nobody."""
    if group is None:
        return
    for path in (home, folder, *(path for path in folder.rglob("*") if not path.is_symlink())):
        wanted = _TRAVERSED if path == home else _READ if path.is_dir() else 0o640
        if stat.S_IMODE(path.stat().st_mode) != wanted or path.group() != group:
            shutil.chown(path, group=group)
            path.chmod(wanted)


def wider(home: Path, group: str | None) -> Iterator[Path]:
    """Yield what of a home others may read: folders and files with wider modes than they should have."""
    if not home.is_dir():
        return
    shared = {home / "published", home / "reports"} if group else set()
    for path in (home, *_below(home)):
        is_shared = path in shared or any(folder in path.parents for folder in shared)
        allowed = _TRAVERSED if group and path == home else _READ if is_shared else _FOLDER
        if stat.S_IMODE(path.stat().st_mode) & _OTHERS & ~allowed:
            yield path


def _below(home: Path) -> Iterator[Path]:
    """Yield every file and folder that the product itself writes below a home; links are left out."""
    for top in ("published", "reports", "dagster", "dbt", "staging"):
        if (home / top).is_dir():
            yield home / top
            yield from (path for path in (home / top).rglob("*") if not path.is_symlink())
    yield from (path for path in home.iterdir() if path.is_file() and not path.is_symlink())
