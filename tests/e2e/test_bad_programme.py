"""Errors of the programme: nothing is published, and the last line names what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import WORKED_EXAMPLE, Installation

MERGED = (
    "account_id,account_name,merged_into_account_id,updated_at\n"
    "M1,One,M2,2025-01-02T00:00:00Z\nM2,Two,M3,2025-01-02T00:00:00Z\nM3,Three,M1,2025-01-02T00:00:00Z\n"
)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """One home for all, since none of these runs may publish anything."""
    folder = tmp_path_factory.mktemp("bad_programme")
    shutil.copytree(WORKED_EXAMPLE / "landing", folder / "landing")
    return Installation(folder / "home", folder / "landing")


def programme(installation: Installation, tmp_path: Path, **lines: str) -> None:
    """Give the installation the example's programme with a line more in some of its files."""
    installation.programme = tmp_path / "programme"
    shutil.copytree(WORKED_EXAMPLE / "programme", installation.programme)
    for name, line in lines.items():
        path = installation.programme / f"{name}.csv"
        path.chmod(0o644)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ({"touchpoint_owners": "tp_ar,*,*,cs,2025-01-01,"}, ["tp_ar", "cs"]),
        ({"role_weights": "janitor,*,0.5,2020-01-01,"}, ["janitor"]),
        ({"role_weights": "buyer,client,-1,2020-01-01,"}, ["buyer", "-1"]),
        ({"touchpoints": "tp_lost,Lost,service,nowhere"}, ["tp_lost", "nowhere"]),
        ({"touchpoint_owners": "tp_orphan,*,*,nobody,2025-01-01,"}, ["tp_orphan", "nobody"]),
    ],
    ids=["two owners", "weight of no role", "negative weight", "stage outside its journey", "unknown team"],
)
def test_a_wrong_programme_is_not_published(
    installation: Installation, tmp_path: Path, lines: dict[str, str], named: list[str]
) -> None:
    programme(installation, tmp_path, **lines)
    result = installation.run("run")
    assert result.returncode == 1, result.stdout + result.stderr
    reason = result.stdout.strip().splitlines()[-1]
    assert all(word in reason for word in named), reason
    assert not (installation.home / "published" / "current").exists()


def test_a_missing_file_is_named(installation: Installation, tmp_path: Path) -> None:
    programme(installation, tmp_path)
    assert installation.programme is not None
    (installation.programme / "teams.csv").unlink()
    result = installation.run("run")
    assert result.returncode == 1
    assert "teams.csv" in result.stdout.strip().splitlines()[-1]


def test_a_cycle_of_merges_is_named(installation: Installation, tmp_path: Path) -> None:
    programme(installation, tmp_path)
    installation.land("crm.accounts", MERGED, "cycle.csv")
    result = installation.run("run")
    assert result.returncode == 1
    reason = result.stdout.strip().splitlines()[-1]
    assert "M1" in reason and "M2" in reason and "M3" in reason
    assert not (installation.home / "published" / "current").exists()
