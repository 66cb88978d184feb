"""One company in four systems, from their exports to published marts, through the commands a user types."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from company import HAND_WORK, VENDORS, Company
from conftest import Installation

PERIOD = "level = 'relationship' and period_grain = 'quarter' and period_start = date '2026-01-01'"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Exports of four systems, a fifth that is missing, and nothing yet that a person completed."""
    company = Company(tmp_path_factory.mktemp("company"))
    company.export(*VENDORS)
    more = {"xero": ", unlinked: create"}
    entries = {name: f"connector: {name}, from: exports/{name}{more.get(name, '')}" for name in VENDORS}
    company.configure(**entries, broken="connector: xero, from: exports/none")
    return company


@pytest.fixture(scope="module")
def installation(company: Company) -> Installation:
    installation = Installation(company.folder / "answerable", company.place.zone, as_of="2026-04-01T00:00:00Z")
    installation.settings["ANSWERABLE_CONNECTIONS"] = str(company.folder / "connections.yml")
    return installation


@pytest.fixture(scope="module")
def checked(installation: Installation) -> subprocess.CompletedProcess[str]:
    """What a check said before anything landed."""
    return installation.run("connect", "--check", "salesforce")


@pytest.fixture(scope="module")
def ran(
    company: Company, installation: Installation, checked: subprocess.CompletedProcess[str]
) -> subprocess.CompletedProcess[str]:
    for name, text in HAND_WORK.items():
        company.write(name, text)
    return installation.run("run")


def test_a_check_names_what_is_missing_and_lands_nothing(
    company: Company, checked: subprocess.CompletedProcess[str]
) -> None:
    assert checked.returncode == 3, checked.stdout + checked.stderr
    assert "Support Tier 1: 2 → support_tier_1 (its own words)  not in teams.csv" in checked.stdout
    assert "opens in journey billing (invoice_question) and closes in support (ticket_closed)" in checked.stdout
    assert (company.folder / "maps" / "team.todo.csv").read_text().splitlines()[1] == "Support Tier 1,2,support"


def test_one_run_lands_and_publishes_and_names_the_connection_that_failed(
    installation: Installation, ran: subprocess.CompletedProcess[str]
) -> None:
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert "failed    broken: no folder" in ran.stdout
    assert installation.raw_rows("select count(*) from quarantine.records") == [(0,)]
    assert "salesforce: 20" in installation.run("status").stdout


def test_the_points_of_all_teams_sum_to_the_headline(
    installation: Installation, ran: subprocess.CompletedProcess[str]
) -> None:
    [(score, responses)] = installation.rows(
        f"select score, response_count from marts.rpt_nps where {PERIOD} and split = 'total' and weighting = 'value'"
    )
    by_owner = f"{PERIOD} and weighting = 'value' and attribution_rule = 'owner'"
    [(total,)] = installation.rows(f"select sum(points) from marts.rpt_team_contribution_lineage where {by_owner}")
    teams = dict(installation.rows(f"select team_id, contribution from marts.rpt_team_contribution where {by_owner}"))
    assert {team for team, points in teams.items() if points is not None} >= {"sales", "support"}
    assert responses >= 10
    assert total == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize(
    ("mart", "ids"),
    [
        ("fct_handoff", "journey_instance_id, interaction_id"),
        ("fct_journey", "journey_instance_id"),
        ("fct_journey_stage", "journey_instance_id"),
    ],
)
def test_the_same_tickets_of_two_systems_make_the_same_journeys(
    installation: Installation, ran: subprocess.CompletedProcess[str], mart: str, ids: str
) -> None:
    cases, tickets = (
        installation.rows(
            f"select * exclude ({ids}) from marts.{mart} where journey_instance_id in "
            f"(select journey_instance_id from marts.fct_interaction where interaction_id like '{of}') order by all"
        )
        for of in ("salesforce:500%", "zendesk:%")
    )
    assert tickets == cases
    assert len(tickets) >= 12


def test_the_next_run_finds_nothing_new_and_the_failure_still_there(
    installation: Installation, ran: subprocess.CompletedProcess[str]
) -> None:
    served = installation.rows("select version from marts.publication")
    again = installation.run("run")
    assert again.returncode == 3, again.stdout + again.stderr
    assert "failed    broken: no folder" in again.stdout
    assert installation.rows("select version from marts.publication") == served
    connected = installation.run("connect")
    assert connected.returncode == 1
    assert "broken: nothing landed: no folder" in connected.stdout
    assert all("nothing new" in line for line in connected.stdout.splitlines() if line.startswith(VENDORS))


def test_doctor_names_the_connection_that_lacks_its_folder(
    installation: Installation, ran: subprocess.CompletedProcess[str]
) -> None:
    seen = installation.run("doctor")
    assert seen.returncode == 1
    assert "connection broken" in seen.stdout
    assert re.search(r"^ok +connection salesforce", seen.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["connect", "nobody"], "no connection nobody; choose one of salesforce, zendesk"),
        (["connect", "--init", "salesforce"], "name a connector and the folder of its exports"),
        (["connect", "--init", "sap", "exports"], "no connector sap; choose one of qualtrics, salesforce"),
        (["connect", "--init", "salesforce", "exports"], "there is a connection salesforce already"),
    ],
)
def test_wrong_usage_is_one_line_and_2(installation: Installation, arguments: list[str], line: str) -> None:
    seen = installation.run(*arguments)
    assert seen.returncode == 2
    assert line in seen.stderr
    assert len(seen.stderr.splitlines()) == 1


def test_a_wrong_configuration_stops_every_command_with_2(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "connections.yml").write_text("connections: {xero: {connector: xero}}\n")
    wrong = Installation(tmp_path / "home", installation.landing)
    wrong.settings["ANSWERABLE_CONNECTIONS"] = str(tmp_path / "connections.yml")
    for command in ("run", "connect"):
        seen = wrong.run(command)
        assert (seen.returncode, len(seen.stderr.splitlines())) == (2, 1), seen.stdout + seen.stderr
        assert "connections.xero.from: field required" in seen.stderr


def test_init_writes_a_file_that_a_check_can_read(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.export("xero")
    installation = Installation(tmp_path / "home", company.place.zone)
    said = installation.run("connect", "--init", "xero", "exports/xero")
    assert said.returncode == 0, said.stderr
    installation.settings["ANSWERABLE_CONNECTIONS"] = str(tmp_path / "connections.yml")
    checked = installation.run("connect", "--check")
    assert "found      invoice: 15 rows" in checked.stdout, checked.stdout + checked.stderr
