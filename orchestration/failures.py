"""Errors of the rooms below, as one clear line each.

Belongs here: which error is worth a retry, what a person reads about it.
Does not: raising errors, or exit codes (the command line).
"""

import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb

POOL = "warehouse"
RETRIES = dg.RetryPolicy(max_retries=2, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)

_FULL_BYTES = 128 * 1024
_LOCK_CONFLICT = re.compile(r"Conflicting lock is held in (?P<program>.+?)\.\s+See also", re.DOTALL)


@contextmanager
def failing_clearly() -> Iterator[None]:
    """Turn an error of the block into a dg.Failure whose description is one line; only passing troubles are retried."""
    try:
        yield
    except dg.Failure:
        raise
    except Exception as error:
        raise dg.Failure(one_line(error), allow_retries=is_passing(error)) from error


def one_line(error: BaseException) -> str:
    """Return what happened and, where the error itself does not say it, what to do."""
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"disk full: {error.filename or text}; free some space and run again, nothing is lost"
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}; ANSWERABLE_HOME must be a folder that can be written"
    if isinstance(error, duckdb.Error) and (conflict := _LOCK_CONFLICT.search(text)):
        return f"the warehouse file is open in {conflict['program']}; close it there and run again"
    if isinstance(error, duckdb.Error) and "No space left on device" in text:
        return f"disk full: {text}; free some space and run again, nothing is lost"
    return text


def disk_is_full(folder: Path) -> bool:
    """Return whether nothing more fits below the folder: then whatever failed there failed of that."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free < _FULL_BYTES


def is_passing(error: BaseException) -> bool:
    """Return whether the same step may well succeed a little later: another process in the way, a connection lost."""
    causes = (error, error.__cause__)
    return any(
        isinstance(cause, ConnectionError | TimeoutError)
        or (isinstance(cause, duckdb.IOException) and _LOCK_CONFLICT.search(str(cause)) is not None)
        for cause in causes
    )
