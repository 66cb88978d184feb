"""What was asked and what was answered: one line each, written before the answer goes out. No text, no person.

Belongs here: the line and its file. Does not: loading them (`ingest.checks`).
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from datetime import UTC
from typing import Any

from answerable.guard.answers import Kept, Question, answer, written
from answerable.settings import CHECKS, Settings

_MODE, _FOLDER_MODE = 0o600, 0o700
_LONGEST_LINE = 4096
_APPENDING = threading.Lock()


def recorded(question: Question, settings: Settings, client: str, kept: Kept | None = None) -> dict[str, Any]:
    """Return the answer to a question of a client, once it is written down; `is_recorded` says whether it could be.

    Raises what `answer` raises.
    """
    found = answer(question, settings, kept)
    return {**found, "is_recorded": _write(_line(question, found, settings, client), settings)}


def is_writable(settings: Settings) -> bool:
    """Whether a line could be written now: the folder takes files, and the disk has room."""
    folder = settings.home / CHECKS
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            return file.write(b" " * _LONGEST_LINE) == _LONGEST_LINE
    except OSError:
        return False


def _line(question: Question, found: dict[str, Any], settings: Settings, client: str) -> str:
    told = {
        "check_id": found["check_id"],
        "asked_at": settings.as_of,
        "client": client,
        "notice_id": question.notice_id,
        "invoice_id": found["facts"]["invoice_id"],
        "account_id": found["facts"]["account_id"],
        **{name: found["notice"][name] for name in ("notice_kind", "channel", "severity", "send_at")},
        "verdict": found["verdict"],
        "reasons": ",".join(reason["code"] for reason in found["reasons"]),
        "version": found["data"]["version"],
        "as_of": found["data"]["as_of"],
    }
    return json.dumps(told, default=written) + "\n"


def _write(line: str, settings: Settings) -> bool:
    """Append the line at once; a file is one process's of one day."""
    folder = settings.home / CHECKS
    path = folder / f"{settings.as_of.astimezone(UTC):%Y-%m-%d}-{os.getpid()}.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)
        try:
            data = line.encode()
            with _APPENDING:
                end = os.fstat(descriptor).st_size
                if os.write(descriptor, data) == len(data):
                    return True
                # the next line must not follow half of this one
                os.ftruncate(descriptor, end)
                return False
        finally:
            os.close(descriptor)
    except OSError:
        return False
