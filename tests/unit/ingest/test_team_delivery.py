"""How teams say where, when and how often they want their feedback; every way it can be wrong; what is shown of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ingest import IngestError
from ingest.programme import COLUMNS, resolve, teams
from ingest.team_delivery import QuietHours, TeamDelivery, shown

SHIPPED = Path(__file__).parents[3] / "dbt_project" / "seeds" / "programme"
URL = "jsons://bot:gEhEiM@example.com:8443/gEhEiM"


@pytest.fixture
def programme(tmp_path: Path) -> Path:
    """The shipped programme, to be changed."""
    folder = tmp_path / "own"
    folder.mkdir()
    for name in COLUMNS:
        (folder / name).write_bytes((SHIPPED / name).read_bytes())
    return folder


def write(folder: Path, columns: str, *values: str) -> None:
    rows = [f"t{number},Team {number},support,lead@example.com,{value}" for number, value in enumerate(values)]
    header = f"team_id,team_name,function,lead_email,delivery_url{columns}"
    (folder / "teams.csv").write_text("\n".join([header, *rows]) + "\n")


def hours(folder: Path, text: str) -> QuietHours:
    write(folder, ",quiet_hours", f"{URL},{text}")
    [team] = teams(folder, SHIPPED)
    assert team.quiet_hours
    return team.quiet_hours


def test_the_new_columns_are_optional(programme: Path) -> None:
    write(programme, "", URL, "")
    assert teams(programme, SHIPPED) == [
        TeamDelivery("t0", "Team 0", URL, None, "run"),
        TeamDelivery("t1", "Team 1", "", None, "run"),
    ]
    write(programme, ",note,digest,quiet_hours", f"{URL},x,each,", f"{URL},x,daily,20:00-07:00 Europe/Berlin")
    assert [team.digest for team in teams(programme, SHIPPED)] == ["each", "daily"]
    assert [str(team.zone) for team in teams(programme, SHIPPED)] == ["UTC", "Europe/Berlin"]


@pytest.mark.parametrize(
    ("text", "instant", "quiet"),
    [
        ("20:00-07:00", "2025-06-30T19:59:59Z", False),
        ("20:00-07:00", "2025-06-30T20:00:00Z", True),
        ("20:00-07:00", "2025-06-30T06:59:59Z", True),
        ("20:00-07:00", "2025-06-30T07:00:00Z", False),
        ("12:00-13:00", "2025-06-30T12:30:00Z", True),
        ("12:00-13:00", "2025-06-30T13:00:00Z", False),
        # one hour from UTC in winter, two in summer
        ("20:00-07:00 Europe/Berlin", "2025-01-15T06:30:00Z", False),
        ("20:00-07:00 Europe/Berlin", "2025-01-15T05:30:00Z", True),
        ("20:00-07:00 Europe/Berlin", "2025-07-15T05:30:00Z", False),
        ("20:00-07:00 Europe/Berlin", "2025-07-15T18:30:00Z", True),
    ],
)
def test_quiet_hours(programme: Path, text: str, instant: str, quiet: bool) -> None:
    assert hours(programme, text).hold(datetime.fromisoformat(instant)) is quiet


@pytest.mark.parametrize(
    ("columns", "value", "message"),
    [
        (
            "quiet_hours",
            "20:00",
            "row 2, column quiet_hours: '20:00' is not a span of hours; write it like 20:00-07:00",
        ),
        ("quiet_hours", "20:00-24:30", "'20:00-24:30' has an hour that does not exist"),
        ("quiet_hours", "8-17", "'8-17' has an hour that does not exist"),
        ("quiet_hours", "20:00-20:00", "'20:00-20:00' starts and ends at the same time"),
        ("quiet_hours", "20:00-07:00 Berlin", "has an unknown time zone"),
        ("quiet_hours", "20:00-07:00 ../../etc/passwd", "has an unknown time zone"),
        ("digest", "weekly", "row 2, column digest: 'weekly' is not one of each, run, daily; choose one"),
    ],
)
def test_a_wrong_setting_is_named_and_nothing_is_published(
    programme: Path, tmp_path: Path, columns: str, value: str, message: str
) -> None:
    write(programme, f",{columns}", f"{URL},", f"{URL},{value}")
    with pytest.raises(IngestError) as error:
        resolve(programme, SHIPPED, tmp_path / "out")
    assert message in str(error.value) and "teams.csv" in str(error.value)
    assert "gEhEiM" not in str(error.value) and "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (URL, "jsons://example.com:8443"),
        ("mailtos://me:gEhEiM@smtp.example.com?to=you@example.com", "mailtos://…"),
        ("mailto://smtp.example.com", "mailto://smtp.example.com"),
        ("https://hooks.slack.com/services/gEhEiM/gEhEiM", "https://hooks.slack.com"),
        ("slack://gEhEiM/gEhEiM/gEhEiM", "slack://…"),
        ("tgram://gEhEiM/1", "tgram://…"),
        ("ntfy://gEhEiM", "ntfy://…"),
        ("json://me:gEh/EiM@example.com", "json://…"),
        ("json://me:gEh@EiM/x@example.com", "json://…"),
        ("json://me:gEh#EiM@example.com", "json://…"),
        ("json://[gEhEiM", "json://…"),
        ("json://host:gEhEiM", "json://…"),
        ("gEhEiM", "…"),
        ("gEh EiM://x", "…"),
    ],
)
def test_no_secret_of_an_address_is_shown(url: str, expected: str) -> None:
    assert shown(url) == expected
    assert "gEh" not in repr(TeamDelivery("t", "T", url)) and "EiM" not in repr(TeamDelivery("t", "T", url))


def test_secrets_stay_in_the_clients_folder(programme: Path, tmp_path: Path) -> None:
    write(programme, ",quiet_hours,digest", f"{URL},20:00-07:00,each")
    before = resolve(programme, SHIPPED, tmp_path / "out")
    copy = (tmp_path / "out" / "teams.csv").read_text()
    assert copy == (
        "team_id,team_name,function,lead_email,delivery_url\n"
        "t0,Team 0,support,lead@example.com,jsons://example.com:8443\n"
    )
    write(programme, "", URL.replace("gEhEiM", "other"))
    assert resolve(programme, SHIPPED, tmp_path / "out") == before, "no number depends on how a team is written to"
