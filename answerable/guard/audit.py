"""What was asked and what was answered: one line each, written before the answer goes out. No text, no person.

Belongs here: the line and its file. Does not: loading them (`ingest.checks`).
"""

from __future__ import annotations

import json
import os
from datetime import UTC
from typing import Any

from answerable.guard.answers import Question, answer, written
from answerable.settings import CHECKS, Settings

_MODE, _FOLDER_MODE = 0o600, 0o700


def recorded(question: Question, settings: Settings, client: str) -> dict[str, Any]:
    """Return the answer to a question of a client, once it is written down; `is_recorded` says whether it could be.

    Raises what `answer` raises.
    """
    found = answer(question, settings)
    return {**found, "is_recorded": _write(_line(question, found, settings, client), settings)}


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
            return os.write(descriptor, data) == len(data)
        finally:
            os.close(descriptor)
    except OSError:
        return False
