"""The progress of a run, for a watcher in the same process.

Belongs here: passing one item at a time to the watcher. Dagster's events are the record; they come later and cost more.
Does not: how it looks (answerable.progress).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Watcher = Callable[[str, str, int | None], None]

_watchers: list[Watcher] = []


@contextmanager
def watched(by: Watcher) -> Iterator[None]:
    """Call `by(step, what, of)` for everything reported during the block: step landing, warehouse, published,
    published_postgres, scorecards or delivered_feedback."""
    _watchers.append(by)
    try:
        yield
    finally:
        _watchers.remove(by)


def tell(step: str, what: str, *, of: int | None = None) -> None:
    """Report that a step has done something: loaded a file, built a model; `of` is the number of items to come."""
    for watcher in _watchers:
        watcher(step, what, of)
