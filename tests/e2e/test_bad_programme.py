"""Errors of the programme, and merges in a cycle: nothing is published, and one line names what is wrong.

Belongs here: what each error is called, by the tests of dbt alone, and one of them through the command a user types.
Does not: files that can't be read as a programme (test_programme).
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from building import Builder
from conftest import WORKED_EXAMPLE, Installation

from ingest import programme
from orchestration import dbt_process, manifest

TWO_OWNERS = {"touchpoint_owners": "tp_ar,*,*,cs,2025-01-01,"}


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    builder = Builder(tmp_path_factory.mktemp("bad_programme"))
    builder.empty()
    return builder


def write_programme(folder: Path, lines: dict[str, str]) -> Path:
    """Write the example's programme with a line more in some of its files."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(WORKED_EXAMPLE / "programme", folder)
    for name, line in lines.items():
        path = folder / f"{name}.csv"
        path.chmod(0o644)
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    return folder


def refusal(builder: Builder, lines: dict[str, str], *selection: str) -> str:
    """Build and test a selection under the programme with these lines; return what dbt refuses."""
    own = write_programme(builder.folder / "programme", lines)
    programme.resolve(own, manifest.DEFAULT_PROGRAMME, manifest.programme_directory(builder.settings))
    manifest.load(builder.settings)
    with pytest.raises(dbt_process.BuildError) as refused:
        for _ in dbt_process.build(builder.settings, [*selection, "--indirect-selection", "cautious"]):
            pass
    return str(refused.value)


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (TWO_OWNERS, ["tp_ar", "cs"]),
        ({"role_weights": "janitor,*,0.5,2020-01-01,"}, ["janitor"]),
        ({"role_weights": "buyer,client,-1,2020-01-01,"}, ["buyer", "-1"]),
        ({"touchpoints": "tp_lost,Lost,service,nowhere"}, ["tp_lost", "nowhere"]),
        ({"touchpoint_owners": "tp_orphan,*,*,nobody,2025-01-01,"}, ["tp_orphan", "nobody"]),
    ],
    ids=["two owners", "weight of no role", "negative weight", "stage outside its journey", "unknown team"],
)
def test_a_wrong_programme_is_named(builder: Builder, lines: dict[str, str], named: list[str]) -> None:
    reason = refusal(builder, lines, "--select", "path:seeds")
    assert all(word in reason for word in named), reason


def test_a_cycle_of_merges_is_named(builder: Builder) -> None:
    names = {"M1": "M2", "M2": "M3", "M3": "M1"}
    builder.land(
        {
            "crm.accounts": [
                {
                    "account_id": account,
                    "account_name": account,
                    "merged_into_account_id": survivor,
                    "updated_at": "2025-01-02T00:00:00Z",
                }
                for account, survivor in names.items()
            ]
        }
    )
    reason = refusal(builder, {}, "--select", "+merges_never_run_in_a_cycle")
    assert all(name in reason for name in names), reason


def test_a_run_publishes_nothing_and_its_last_line_says_why(worked_example: Installation, tmp_path: Path) -> None:
    installation = worked_example.copy(tmp_path)
    served = (installation.home / "published" / "current").readlink()
    wrong = replace(installation, programme=write_programme(tmp_path / "programme", TWO_OWNERS))
    result = wrong.run("run")
    assert result.returncode == 1, result.stdout + result.stderr
    reason = result.stdout.strip().splitlines()[-1]
    assert reason.startswith("not published: ") and "tp_ar" in reason and "cs" in reason
    assert (installation.home / "published" / "current").readlink() == served

    assert wrong.programme
    (wrong.programme / "teams.csv").unlink()
    result = wrong.run("run")
    assert result.returncode == 1
    assert "teams.csv" in result.stdout.strip().splitlines()[-1]
