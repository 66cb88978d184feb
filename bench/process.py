"""One measured process: its seconds and its peak memory.

Belongs here: starting a process, waiting for it, what the system says it used. Does not: what the process does.

The peak is that of the largest process of its tree, as the kernel counts it (`ru_maxrss` of `wait4`). A process begins
with the count of the one that started it, so whoever measures must stay small: heavy work of the bench itself is done
in processes, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO

CHECKOUT = Path(__file__).resolve().parents[1]
"""The checkout that this bench lies in, and measures."""

_LINES_SHOWN = 5
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


class BenchError(Exception):
    """A measured process failed: there is no figure. The message has its command and its last lines."""


@dataclass(frozen=True)
class Measured:
    """A process that ended: when it started (seconds since 1970), how long it took, its processor time (user and
    system), its peak, what it printed.
    """

    started: float
    seconds: float
    processor_seconds: float
    peak_bytes: int
    output: str


def measure(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    fine: Collection[int] = (0,),
    limit: float | None = None,
) -> Measured:
    """Run a command in a folder, to its end, killed after `limit` seconds; without an environment, in this checkout's.

    Raises BenchError unless its exit code is one of `fine`.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started, clock = time.time(), time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment or importing(), stdin=subprocess.DEVNULL, stdout=output, stderr=errors
        )
        watch = Timer(limit or 0, process.kill)
        if limit:
            watch.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        finally:
            watch.cancel()
        seconds = time.perf_counter() - clock
        process.returncode = os.waitstatus_to_exitcode(status)
        printed, complaints = _text(output), _text(errors)
    if limit and seconds >= limit:
        raise BenchError(f"{' '.join(command)} was not done after {limit:.0f} s")
    if process.returncode not in fine:
        last = "\n".join((printed + complaints).splitlines()[-_LINES_SHOWN:])
        raise BenchError(f"{' '.join(command)} ended with {process.returncode}:\n{last}")
    return Measured(started, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _PEAK_UNIT, printed)


def python(*arguments: str) -> list[str]:
    """Return the command that runs this installation's Python."""
    return [sys.executable, *arguments]


def importing(checkout: Path = CHECKOUT) -> dict[str, str]:
    """Return this process's environment, in which Python takes the packages of a checkout before installed ones."""
    paths = [str(checkout), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files below a folder; links count nothing."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file() and not file.is_symlink())


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
