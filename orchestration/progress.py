"""How far a run in this process is, for whoever watches it here.

Belongs here: handing one line at a time to the watcher. Dagster's events are the record; they come later and cost more.
Does not: how it looks (answerable.cli).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Watcher = Callable[[str, str, int | None], None]

_watchers: list[Watcher] = []


@contextmanager
def watched(by: Watcher) -> Iterator[None]:
    """Call `by(step, what, of)` for everything told during the block: step landing, warehouse, published,
    published_postgres, scorecards or delivered_feedback."""
    _watchers.append(by)
    try:
        yield
    finally:
        _watchers.remove(by)


def tell(step: str, what: str, *, of: int | None = None) -> None:
    """Say that something was done in a step: a file loaded, a model built; `of` says how many there will be."""
    for watcher in _watchers:
        watcher(step, what, of)
