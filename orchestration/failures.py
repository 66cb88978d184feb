"""Errors of the layers below, as one clear line each.

Belongs here: which error is worth a retry, and what a person reads about it.
Does not: raise errors, or set exit codes (the command line).
"""

import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb

from ingest import IngestError

POOL = "warehouse"
RETRIES = dg.RetryPolicy(max_retries=2, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)

_FULL_BYTES = 128 * 1024
_NO_SPACE = re.compile(r"No space left on device|database or disk is full")
_LOCK_CONFLICT = re.compile(r"Conflicting lock is held in (?P<program>.+?)\.\s+See also", re.DOTALL)


@contextmanager
def failing_clearly() -> Iterator[None]:
    """Turn an error in the block into a dg.Failure with a one-line description; only passing errors are retried."""
    try:
        yield
    except dg.Failure:
        raise
    except Exception as error:
        raise dg.Failure(one_line(error), allow_retries=is_passing(error)) from error


def one_line(error: BaseException) -> str:
    """Return what happened and, if the error itself doesn't say so, what to do."""
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, IngestError):
        return text
    if (full := _disk_full(error)) is not None:
        return f"disk full: {getattr(full, 'filename', None) or text}; free some space and run again, nothing is lost"
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}; ANSWERABLE_HOME must be a writable folder"
    if isinstance(error, duckdb.Error) and (conflict := _LOCK_CONFLICT.search(text)):
        return f"the warehouse file is open in {conflict['program']}; close it there and run again"
    return text


def is_disk_full(error: BaseException, home: Path) -> bool:
    """Return whether the disk is full: the error says so, or nothing more fits below the folder."""
    there = next(path for path in (home, *home.parents) if path.exists())
    return _disk_full(error) is not None or shutil.disk_usage(there).free < _FULL_BYTES


def _disk_full(error: BaseException | None) -> BaseException | None:
    """Return the error that reports a full disk: this one or one of its causes. Each library words it differently."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return error
        if isinstance(error, Exception) and _NO_SPACE.search(str(error)):
            return error
        error = error.__cause__ or error.__context__
    return None


def is_passing(error: BaseException) -> bool:
    """Return whether the same step may succeed a little later: another process has the file, a connection was lost."""
    causes = (error, error.__cause__)
    return any(
        isinstance(cause, ConnectionError | TimeoutError)
        or (isinstance(cause, duckdb.IOException) and _LOCK_CONFLICT.search(str(cause)) is not None)
        for cause in causes
    )
