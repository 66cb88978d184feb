"""The writer's lock: only one process at a time changes anything under a home.

Belongs here: taking, waiting for and describing the lock. The kernel releases it when its holder dies, however it dies.
Does not: DuckDB's own lock on the warehouse file; with this one, no process runs into it.
"""

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration import modes

_POLL_SECONDS = 0.2
_held: set[Path] = set()
_guard = threading.RLock()


@dataclass(frozen=True)
class Holder:
    """Who holds the lock: process id, what it is doing, since when (ISO 8601)."""

    pid: int
    doing: str
    since: str

    def __str__(self) -> str:
        """Return it as part of a sentence."""
        return f"{self.doing} (process {self.pid}) since {self.since}"


class LockedError(Exception):
    """Another process held the lock for the whole waiting time; the message says which."""


@contextmanager
def writing(
    home: Path, doing: str, *, timeout: float = 0, on_wait: Callable[[str], object] = lambda _: None
) -> Iterator[None]:
    """Hold the lock of `home` for the block; taking it again in the same process is free.

    Waits up to `timeout` seconds and calls `on_wait` once with a line that says who holds it. Raises LockedError, or
    OSError if `home` is not writable.
    """
    path = (home / "answerable.lock").resolve()
    with _guard:
        if path in _held:
            yield
            return
        modes.close(home)
        with path.open("a+") as file:
            _acquire(file.fileno(), home, timeout, on_wait)
            _describe(file.fileno(), Holder(os.getpid(), doing, datetime.now(UTC).isoformat(timespec="seconds")))
            _held.add(path)
            try:
                yield
            finally:
                _held.remove(path)
                os.ftruncate(file.fileno(), 0)


def holder(home: Path) -> Holder | None:
    """Return who holds the lock of `home`, None if nobody does."""
    path = home / "answerable.lock"
    if not path.exists():
        return None
    with path.open() as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(path)
    return None


def _acquire(descriptor: int, home: Path, timeout: float, on_wait: Callable[[str], object]) -> None:
    deadline, has_said = time.monotonic() + timeout, False
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = f"{home} is in use by {_read(home / 'answerable.lock')}"
        if time.monotonic() >= deadline:
            raise LockedError(f"{who}; waited {timeout:.0f} s (ANSWERABLE_LOCK_TIMEOUT)")
        if not has_said:
            has_said = True
            on_wait(f"{who}; waiting")
        time.sleep(_POLL_SECONDS)


def _describe(descriptor: int, holder: Holder) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(asdict(holder)).encode(), 0)


def _read(path: Path) -> Holder:
    try:
        return Holder(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return Holder(0, "another process", "a moment ago")
