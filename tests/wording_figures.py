"""How well the severity of messages is told: `python tests/wording_figures.py FILE.csv` lands them, runs and says.

Belongs here: the figures, and the misses by message_id. Does not: the bar they have to clear (test_billing).
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from conftest import Installation

Row = dict[str, str]
LEVELS = {0: 0, 1: 0, 2: 1, 3: 2, 4: 3, 5: 3}


def read(path: Path) -> list[Row]:
    """Messages with the columns message_id, language, severity, is_threat, subject, body."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def right_level(message: Row, severity: int) -> bool:
    return LEVELS[severity] == LEVELS[int(message["severity"])]


def figures(found: Sequence[tuple[Row, int]]) -> dict[str, tuple[int, int]]:
    """Hits and cases: threats seen, calls of a threat that were one, right ones of four levels, courtesy left alone."""
    threats = [severity >= 4 for message, severity in found if message["is_threat"] == "true"]
    called = [int(message["severity"]) >= 4 for message, severity in found if severity >= 4]
    levels = [right_level(message, severity) for message, severity in found]
    courteous = [severity <= 1 for message, severity in found if int(message["severity"]) <= 1]
    named = {"recall": threats, "precision": called, "levels": levels, "courtesy": courteous}
    return {name: (sum(hits), len(hits)) for name, hits in named.items()}


def judged(messages: list[Row], folder: Path) -> list[tuple[Row, int, str | None]]:
    """Land every message as a notice of no kind, run, and read what the words made of it."""
    installation = Installation(folder / "home", folder / "landing", as_of="2024-03-20T12:00:00Z")
    installation.land("crm.accounts", "account_id,account_name,updated_at\nA,A,2024-01-01T00:00:00Z\n")
    notices = installation.land("billing.notices", "")
    with notices.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["notice_id", "invoice_id", "account_id", "sent_at", "subject", "body", "updated_at"])
        at = "2024-03-01T00:00:00Z"
        writer.writerows([m["message_id"], "I", "A", at, m["subject"], m["body"], at] for m in messages)
    result = installation.run("run")
    assert result.returncode == 0, result.stdout + result.stderr
    rows = installation.rows("select notice_id, severity, wording_phrase from marts.fct_billing_notice")
    severities = {notice_id: (severity, phrase) for notice_id, severity, phrase in rows}
    return [(message, *severities[message["message_id"]]) for message in messages]


def main(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = judged(read(path), Path(folder))
    for message, severity, phrase in found:
        if not right_level(message, severity):
            print(f"{message['message_id']}  is {message['severity']}, told {severity}  {phrase or ''}")
    for name, (hits, cases) in figures([(message, severity) for message, severity, _ in found]).items():
        print(f"{name:10} {hits} of {cases}" + (f"  {hits / cases:.3f}" if cases else ""))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
