"""The effective folder of the programme: the client's own files, and the shipped default for each missing one.

Belongs here: the files and columns of a programme, assembling them, errors that name file and remedy.
Does not: check whether owners, weights and stages make sense (dbt tests on the seeds).
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from ingest import IngestError, team_delivery
from ingest.rules import FIRST_DAY, LAST_DAY, NEVER
from ingest.team_delivery import TeamDelivery

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "teams.csv": ("team_id", "team_name", "function", "lead_email", "delivery_url"),
    "roles.csv": ("role", "role_name", "role_group", "description"),
    "role_weights.csv": ("role", "account_type", "weight", "valid_from", "valid_to"),
    "journeys.csv": ("journey", "stage", "stage_order", "is_entry", "is_exit", "target_days"),
    "touchpoints.csv": ("touchpoint", "touchpoint_name", "journey", "stage"),
    "touchpoint_owners.csv": ("touchpoint", "account_type", "region", "team_id", "valid_from", "valid_to"),
    "role_relevance.csv": ("role", "touchpoint", "relevance"),
    "measures.csv": ("measure", "measure_name", "description"),
    "themes.csv": ("theme", "measure", "theme_name", "description", "example_phrases"),
    "billing_conduct.csv": (
        "rule_id",
        "priority",
        "min_days_past_due",
        "max_days_past_due",
        "min_on_time_rate",
        "min_tenure_years",
        "is_disputed",
        "has_open_conflict",
        "max_severity",
        "channel",
        "reason",
    ),
    "billing_wording.csv": ("phrase", "part", "severity", "language"),
    "currency_rates.csv": ("currency", "rate", "valid_from"),
    "outreach_policy.csv": ("role", "channel_order", "min_days_between_surveys", "max_attempts"),
}
"""Every file of a programme with its columns."""

TEAMS = "teams.csv"

DAYS = ("valid_from", "valid_to")
NUMBERS = ("weight", "relevance", "min_on_time_rate", "min_tenure_years", "target_days", "rate")
WHOLE_NUMBERS = (
    *("stage_order", "severity", "priority", "min_days_past_due", "max_days_past_due", "max_severity"),
    *("min_days_between_surveys", "max_attempts"),
)
FLAGS = ("is_entry", "is_exit", "is_disputed", "has_open_conflict")
_FORMS = {
    **dict.fromkeys(
        NUMBERS, (re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"), "a number with a point, such as 0.5")
    ),
    **dict.fromkeys(WHOLE_NUMBERS, (re.compile(r"[+-]?\d+"), "a whole number")),
    **dict.fromkeys(FLAGS, (re.compile(r"true|false|1|0", re.IGNORECASE), "true or false")),
}
_DAY = re.compile(r"\d\d\d\d-\d\d-\d\d")

REQUIRED = ("teams.csv", "roles.csv", "role_weights.csv", "journeys.csv", "touchpoints.csv", "touchpoint_owners.csv")
"""What a client's folder must have; the shipped default replaces any other missing file, but for NOT_SHARED."""


NOT_SHARED = ("currency_rates.csv",)
"""Files without a default: what the shipped ones say of the demo's figures is not true of a client's."""


def resolve(programme: Path | None, default: Path, out: Path) -> str:
    """Assemble the programme in `out` and return its SHA-256 (hex). Unchanged files keep their modification time.

    `programme` is the client's folder, or None for the shipped programme. Raises IngestError naming file and remedy.
    """
    if programme is not None:
        _check_folder(programme, default, out)
    content = {
        name: ",".join(columns) + "\n"
        if programme and name in NOT_SHARED and not (programme / name).is_file()
        else _normalised(_source(name, programme, default), columns)
        for name, columns in COLUMNS.items()
    }
    teams(programme, default)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in content.items():
            _write_if_changed(out / name, text)
        for stray in set(out.glob("*.csv")) - {out / name for name in content}:
            stray.unlink()
    except OSError as error:
        where = error.filename or out
        raise IngestError(f"{where} can't be written to: {error.strerror}; check owner, mode and disk") from error
    return hashlib.sha256("".join(f"{name}\0{text}\0" for name, text in sorted(content.items())).encode()).hexdigest()


def teams(programme: Path | None, default: Path) -> list[TeamDelivery]:
    """Return how each team wants its feedback, with secret addresses, from the client's own folder.

    Raises IngestError naming file, row, column and remedy.
    """
    path = _source(TEAMS, programme, default)
    return list(team_delivery.checked(path, _rows(path, COLUMNS[TEAMS], team_delivery.OPTIONAL)))


def _check_folder(programme: Path, default: Path, out: Path) -> None:
    if not programme.is_dir():
        raise IngestError(f"programme folder {programme} does not exist: create it, or change ANSWERABLE_PROGRAMME")
    if programme.resolve() == out.resolve():
        raise IngestError(
            f"programme folder {programme} is the folder that runs write to: keep your programme in another folder"
        )
    missing = [name for name in REQUIRED if not (programme / name).is_file()]
    if missing:
        raise IngestError(f"programme folder {programme} has no {', '.join(missing)}: add it; {default} has an example")


def _source(name: str, programme: Path | None, default: Path) -> Path:
    own = programme / name if programme else None
    return own if own and own.is_file() else default / name


def _normalised(path: Path, columns: tuple[str, ...]) -> str:
    """Return the file as CSV of exactly these columns in this order, with addresses cut to what may be shown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for _, row in _rows(path, columns):
        if row.get("valid_to") == NEVER:
            row["valid_to"] = ""
        if ":" in row.get("delivery_url", ""):
            row["delivery_url"] = team_delivery.shown(row["delivery_url"])
        writer.writerow(row.values())
    return text.getvalue()


def _rows(path: Path, columns: tuple[str, ...], optional: tuple[str, ...] = ()) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number and the values by column of each non-empty row; optional columns may be absent."""
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), strict=True))
    except OSError as error:
        raise IngestError(f"{path} can't be read: {error.strerror}; check that it exists and is readable") from error
    except UnicodeDecodeError as error:
        raise IngestError(f"{path} is not UTF-8 (byte {error.start}): save it as CSV UTF-8") from error
    except csv.Error as error:
        raise IngestError(f"{path} is not valid CSV: {error}; check its quotes") from error
    if not rows or not rows[0]:
        raise IngestError(f"{path} has no header: its first line must be {','.join(columns)}")
    header = rows[0]
    _check_header(path, header, columns)
    _check_repeated(path, header, (*columns, *optional))
    positions = {column: header.index(column) for column in (*columns, *optional) if column in header}
    for number, row in enumerate(rows[1:], 1):
        if row and len(row) != len(header):
            raise IngestError(f"{path} row {number}: {len(row)} fields, the header has {len(header)}: check its commas")
        if row:
            values = {column: row[position] for column, position in positions.items()}
            for column, value in values.items():
                _check_value(path, number, column, value)
            yield number, values


def _check_value(path: Path, number: int, column: str, value: str) -> None:
    """Raise IngestError where a value is not of its column's type; an empty one is none."""
    if not value:
        return
    if column in DAYS:
        if not _DAY.fullmatch(value) or not _is_day(value):
            raise IngestError(f"{path} row {number}, column {column}: {value!r} is no day: write it like 2025-01-31")
    elif column in _FORMS:
        form, expected = _FORMS[column]
        if not form.fullmatch(value):
            raise IngestError(f"{path} row {number}, column {column}: {value!r} is not {expected}")


def _is_day(value: str) -> bool:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return False
    return value == NEVER or date.fromisoformat(FIRST_DAY) <= day <= date.fromisoformat(LAST_DAY)


def _check_header(path: Path, header: list[str], columns: tuple[str, ...]) -> None:
    missing = [column for column in columns if column not in header]
    if missing:
        raise IngestError(f"{path} has no column {', '.join(missing)}: its header must name {','.join(columns)}")


def _check_repeated(path: Path, header: list[str], columns: tuple[str, ...]) -> None:
    repeated = [column for column in columns if header.count(column) > 1]
    if repeated:
        raise IngestError(f"{path} has column {', '.join(repeated)} twice: keep one")


def _write_if_changed(path: Path, text: str) -> None:
    if path.is_file() and path.read_bytes() == text.encode():
        return
    partial = path.with_name(f".{path.name}")
    partial.write_bytes(text.encode())
    partial.replace(path)
