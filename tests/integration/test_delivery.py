"""Feedback in the team's hands: a real mail server and a real HTTP endpoint on loopback, the command killed midway.

Belongs here: what goes out, once, and what never does. Does not: how teams.csv is read (test_team_delivery).
"""

from __future__ import annotations

import csv
import email
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from conftest import COMMAND, WORKED_EXAMPLE, Installation

from answerable import delivery
from ingest import programme
from ingest.team_delivery import TeamDelivery
from orchestration.manifest import DEFAULT_PROGRAMME

SECRET = "gEhEiM7531"
HEADLINE = """
    select score from marts.rpt_nps
    where is_headline and level = 'relationship' and period_grain = 'quarter' and period_start = date '2025-01-01'
"""
TOLD = 'ACME Bcc: all@evil.example <script>alert("@everyone")</script>'
ITEM, MESSAGE = re.compile(r"^   Key ([0-9a-f]{32})$", re.M), re.compile(r"Message key ([0-9a-f]{32})\.")


@dataclass
class Arrival:
    """What an endpoint accepted: the key its header says, the text, the items in it."""

    key: str
    text: str
    headers: Any

    @property
    def items(self) -> list[str]:
        return ITEM.findall(self.text)


@dataclass
class Endpoint:
    """A server that keeps what it accepts. `status` answers; `victim` is killed once, `moment` says when."""

    url: str = ""
    accepted: list[Arrival] = field(default_factory=list)
    status: int = 200
    victim: subprocess.Popen[bytes] | None = None
    moment: str = "accepted"
    spare: int = 0

    def kills(self, moment: str) -> bool:
        """Kill the sender if this is the moment; whether it was."""
        if self.victim is None or moment != self.moment or len(self.accepted) < self.spare:
            return False
        self.victim.kill()
        self.victim.wait()
        self.victim = None
        return True


@pytest.fixture
def http() -> Iterator[Endpoint]:
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if endpoint.kills("held"):
                return
            if endpoint.status == 200:
                text = f"{said['title']}\n{said['message']}"
                endpoint.accepted.append(Arrival(self.headers["Idempotency-Key"], text, self.headers))
                if endpoint.kills("accepted"):
                    return
            self.send_response(endpoint.status)
            self.end_headers()
            self.wfile.flush()
            endpoint.kills("answered")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint.url = f"json://bot:{SECRET}@127.0.0.1:{server.server_port}/{SECRET}"
    yield endpoint
    server.shutdown()
    server.server_close()


@pytest.fixture
def mail() -> Iterator[Endpoint]:
    endpoint = Endpoint()

    class Handler:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            if endpoint.kills("held"):
                return "451 not now"
            parsed: Message = email.message_from_bytes(envelope.content)
            text = parsed.get_payload(decode=True).decode().replace("\r\n", "\n")  # type: ignore[union-attr]
            endpoint.accepted.append(Arrival(parsed["Message-ID"].strip("<>").split("@")[0], text, parsed))
            endpoint.kills("accepted")
            return "250 taken"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    endpoint.url = f"mailto://127.0.0.1:{port}?from=cx@example.com&to=support@example.com&+X-Desk={SECRET}"
    yield endpoint
    controller.stop()


def edit_teams(installation: Installation, **settings: dict[str, str]) -> None:
    """Write more for some teams into teams.csv."""
    assert installation.programme
    with (installation.programme / "teams.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = [*rows[0], *sorted({name for more in settings.values() for name in more} - set(rows[0]))]
    with (installation.programme / "teams.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows({**dict.fromkeys(columns, ""), **row, **settings.get(row["team_id"], {})} for row in rows)


@pytest.fixture
def home(hostile: Installation, tmp_path: Path) -> Installation:
    """What is published where names are programs, to be changed: the published version and the warehouse."""
    (tmp_path / "home").mkdir()
    (tmp_path / "landing").mkdir()
    shutil.copytree(hostile.home / "published", tmp_path / "home" / "published", symlinks=True)
    shutil.copy(hostile.home / "warehouse.duckdb", tmp_path / "home")
    shutil.copytree(WORKED_EXAMPLE / "programme", tmp_path / "programme")
    return Installation(tmp_path / "home", tmp_path / "landing", tmp_path / "programme", hostile.as_of)


def when(installation: Installation) -> delivery.When:
    days = installation.settings.get("ANSWERABLE_DELIVERY_DAYS", "14")
    return delivery.When(datetime.fromisoformat(installation.as_of), float(days))


def files(installation: Installation) -> tuple[Path, Path]:
    return installation.home / "published" / "current" / "answerable.duckdb", installation.home / "warehouse.duckdb"


def team_of(installation: Installation, team: str) -> TeamDelivery:
    return next(one for one in programme.teams(installation.programme, DEFAULT_PROGRAMME) if one.team_id == team)


def due(installation: Installation, team: str = "support") -> list[str]:
    """The keys of the items a dry run shows."""
    shown = delivery.draft(*files(installation), team_of(installation, team), when(installation))
    return [] if "made-up message" in shown else ITEM.findall(shown)


def deliver(installation: Installation, team: str = "support") -> delivery.Delivery:
    """What the command does, without the second it takes to start."""
    [found] = delivery.deliver(*files(installation), [team_of(installation, team)], when(installation))
    return found


def start(installation: Installation, team: str = "support") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(COMMAND), "deliver", "--team", team], env=installation.environment(), stdout=subprocess.DEVNULL
    )


def deliver_killed(installation: Installation, endpoint: Endpoint, moment: str, spare: int = 0) -> None:
    """Deliver and be killed by the endpoint at that moment, after it let some messages pass."""
    endpoint.moment, endpoint.spare = moment, spare
    endpoint.victim = process = start(installation)
    assert process.wait(timeout=60) == -9
    assert endpoint.victim is None


def delivered(installation: Installation) -> list[str]:
    rows = installation.raw_rows("select item_key from memory.deliveries where delivered_at is not null")
    return sorted(key for (key,) in rows)


def counted_once(arrivals: list[Arrival]) -> list[str]:
    """The items a receiver has that drops messages whose key it knows; one key must always mean the same items."""
    by_key: dict[str, list[str]] = {}
    for arrival in arrivals:
        assert by_key.setdefault(arrival.key, arrival.items) == arrival.items
        assert MESSAGE.findall(arrival.text) == [arrival.key]
    items = [item for keys in by_key.values() for item in keys]
    assert len(items) == len(set(items)), "an item stands under two message keys"
    return sorted(items)


def test_a_run_without_an_address_writes_to_nobody(hostile: Installation) -> None:
    assert hostile.raw_rows("select count(*) from memory.deliveries") == [(0,)]
    assert hostile.rows("select count(delivered_at) from marts.fct_feedback_delivery") == [(0,)]


@pytest.mark.parametrize("digest", ["each", "run"])
def test_what_is_due_goes_out_once(home: Installation, http: Endpoint, digest: str) -> None:
    edit_teams(home, support={"delivery_url": http.url, "digest": digest})
    expected = due(home)
    answered = home.rows(
        "select count(*) + count(*) filter (where is_overdue) from marts.fct_feedback_delivery"
        " join marts.fct_survey_response using (response_id)"
        " where team_id = 'support' and nps_group = 'detractor' and share > 0"
    )
    assert answered == [(len(expected),)] and len(expected) > 2

    first, second = deliver(home), deliver(home)

    assert first.items == len(expected) and first.failure is None
    assert str(second) == "support: nothing new"
    assert len(http.accepted) == (len(expected) if digest == "each" else 1)
    assert counted_once(http.accepted) == sorted(expected) == delivered(home)


@pytest.mark.parametrize("moment", ["held", "accepted", "answered"])
def test_killed_midway_nothing_is_lost_or_counted_twice(home: Installation, http: Endpoint, moment: str) -> None:
    edit_teams(home, support={"delivery_url": http.url, "digest": "each"})
    expected = due(home)
    deliver_killed(home, http, moment, spare=1)
    before = len(http.accepted)

    assert deliver(home).failure is None

    assert counted_once(http.accepted) == sorted(expected) == delivered(home)
    assert len(http.accepted) <= len(expected) + 1, "only the message that was under way may come again"
    if moment == "accepted":
        assert http.accepted[before].key == http.accepted[before - 1].key, "it comes again first, under its key"


@pytest.mark.parametrize("moment", ["held", "accepted"])
def test_mail_that_was_cut_off_comes_again_with_its_message_id(home: Installation, mail: Endpoint, moment: str) -> None:
    edit_teams(home, support={"delivery_url": mail.url})
    expected = due(home)
    deliver_killed(home, mail, moment)
    assert delivered(home) == []

    assert deliver(home).failure is None

    assert len(mail.accepted) == (2 if moment == "accepted" else 1)
    assert len({arrival.headers["Message-ID"] for arrival in mail.accepted}) == 1
    assert counted_once(mail.accepted) == sorted(expected) == delivered(home)


def test_what_is_new_since_a_kill_stays_out_of_the_old_message(home: Installation, http: Endpoint) -> None:
    edit_teams(home, support={"delivery_url": http.url})
    home.settings["ANSWERABLE_DELIVERY_DAYS"] = "8"
    old = due(home)
    deliver_killed(home, http, "accepted")
    home.settings["ANSWERABLE_DELIVERY_DAYS"] = "14"
    expected = due(home)
    assert 0 < len(old) < len(expected)

    assert deliver(home).failure is None

    assert [sorted(arrival.items) for arrival in http.accepted[:2]] == [sorted(old)] * 2
    assert counted_once(http.accepted) == sorted(expected) == delivered(home)


def test_what_was_noted_is_sent_however_long_it_takes(home: Installation, http: Endpoint) -> None:
    edit_teams(home, support={"delivery_url": http.url})
    expected = due(home)
    http.status = 503
    assert deliver(home).is_passing
    http.status, home.settings["ANSWERABLE_DELIVERY_DAYS"] = 200, "0.001"

    assert deliver(home).failure is None

    assert counted_once(http.accepted) == sorted(expected)


def test_an_endpoint_that_fails_is_told_and_tried_again(home: Installation, http: Endpoint) -> None:
    edit_teams(home, support={"delivery_url": http.url})
    http.status = 500

    result = home.run("deliver", "--team", "support")

    assert result.returncode == 1
    assert result.stdout.splitlines()[-1].startswith("not delivered: support: ")
    assert "http" not in result.stdout and "json://127.0.0.1" in result.stdout and "answered 500" in result.stdout
    assert SECRET not in result.stdout + result.stderr
    assert delivered(home) == [] and http.accepted == []
    http.status = 200
    assert deliver(home).failure is None
    assert delivered(home) == counted_once(http.accepted)


@pytest.mark.parametrize(
    ("hours", "quiet"),
    [
        ("20:00-07:00 UTC", False),
        ("11:00-12:01 UTC", True),
        ("12:00-07:00 Europe/Berlin", True),
        ("07:00-13:00 Europe/Berlin", False),
    ],
)
def test_quiet_hours_hold(home: Installation, http: Endpoint, hours: str, quiet: bool) -> None:
    """The clock stands at noon UTC, 13:00 in Berlin."""
    edit_teams(home, support={"delivery_url": http.url, "quiet_hours": hours})

    found = deliver(home)

    assert found.failure is None and (found.reason == f"quiet hours {hours}") is quiet
    assert len(http.accepted) == (0 if quiet else 1)
    if quiet:
        home.as_of, home.settings["ANSWERABLE_DELIVERY_DAYS"] = "2025-03-25T09:00:00Z", "0.001"
        assert deliver(home).failure is None
        assert len(http.accepted) == 1, "what waited goes out after them"


def test_one_digest_a_day(home: Installation, http: Endpoint) -> None:
    berlin = {"delivery_url": http.url, "digest": "daily", "quiet_hours": "02:00-03:00 Europe/Berlin"}
    edit_teams(home, support=berlin)
    for as_of, days, messages in (
        ("2025-03-25T12:00:00Z", "8", 1),
        ("2025-03-25T22:59:00Z", "14", 1),
        ("2025-03-25T23:00:00Z", "14", 2),
    ):
        home.as_of, home.settings["ANSWERABLE_DELIVERY_DAYS"] = as_of, days
        assert deliver(home).failure is None
        assert len(http.accepted) == messages, as_of
    assert counted_once(http.accepted) == delivered(home)


def test_a_dry_run_sends_and_records_nothing(home: Installation, http: Endpoint) -> None:
    edit_teams(home, support={"delivery_url": http.url})
    before = (home.home / "warehouse.duckdb").read_bytes()

    result = home.run("deliver", "--team", "support", "--dry-run")

    assert result.returncode == 0
    assert "Detractor: " in result.stdout and "Overdue follow-up: " in result.stdout
    assert SECRET not in result.stdout + result.stderr
    assert http.accepted == []
    assert (home.home / "warehouse.duckdb").read_bytes() == before
    home.settings["ANSWERABLE_DELIVERY_DAYS"] = "0.001"
    assert due(home) == []


def test_wrong_usage(home: Installation) -> None:
    unknown, mute = home.run("deliver", "--team", "nobody"), home.run("deliver", "--team", "support")

    assert (unknown.returncode, mute.returncode) == (2, 2)
    assert "no team nobody in teams.csv" in unknown.stderr
    assert "support has no delivery_url" in mute.stderr
    edit_teams(home, support={"delivery_url": f"nosuch://{SECRET}"})
    result = home.run("deliver", "--team", "support")
    assert result.returncode == 1
    assert "nosuch://… is not an address that Apprise knows" in result.stdout and SECRET not in result.stdout


def test_without_apprise_the_remedy_is_named(home: Installation, http: Endpoint) -> None:
    edit_teams(home, support={"delivery_url": http.url})
    program = "import sys; sys.modules['apprise'] = None; from answerable.cli import main; main()"

    result = subprocess.run(
        [sys.executable, "-c", program, "deliver", "--team", "support"],
        env=home.environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1, result.stderr
    assert result.stdout.splitlines()[-1].endswith("pip install 'answerable[delivery]'")


def test_nothing_is_imported_before_there_is_something_to_send(home: Installation, http: Endpoint) -> None:
    edit_teams(home, support={"delivery_url": http.url})
    home.settings["ANSWERABLE_DELIVERY_DAYS"] = "0.001"
    program = (
        "import sys, atexit; atexit.register(lambda: print('apprise' in sys.modules));"
        "from answerable.cli import main; main()"
    )
    command = [sys.executable, "-c", program, "deliver", "--team", "support"]

    assert subprocess.check_output(command, env=home.environment(), text=True).splitlines()[-1] == "False"


def test_hostile_names_stay_text(home: Installation, mail: Endpoint) -> None:
    edit_teams(home, ar={"delivery_url": mail.url, "digest": "each"})

    assert deliver(home, "ar").failure is None

    for arrival in mail.accepted:
        names = [name.lower() for name in arrival.headers]
        assert "bcc" not in names and len(names) == len(set(names))
        assert arrival.headers.get_content_type() == "text/plain"
    [notice] = [arrival for arrival in mail.accepted if "Notice N1" in arrival.text]
    assert f"Flagged billing notice: {TOLD} (account A1)" in notice.text
    assert "demand before the due day" in notice.text
    assert "Secretname" not in notice.text, "what was written to the client does not go out"


def test_a_run_delivers_and_keeps_secrets_and_people_to_itself(
    hostile: Installation, http: Endpoint, tmp_path: Path
) -> None:
    """The whole job: one endpoint accepts, one refuses; the marts tell of it at the next publication."""
    shutil.copytree(hostile.landing, tmp_path / "landing")
    assert hostile.programme
    shutil.copytree(hostile.programme, tmp_path / "programme")
    installation = replace(hostile.copy(tmp_path), landing=tmp_path / "landing", programme=tmp_path / "programme")
    with socket.socket() as refusing:
        refusing.bind(("127.0.0.1", 0))
        closed = f"json://bot:{SECRET}@127.0.0.1:{refusing.getsockname()[1]}/{SECRET}"
        edit_teams(installation, support={"delivery_url": http.url}, ar={"delivery_url": closed})

        result = installation.run("run")

    assert result.returncode == 1, result.stdout + result.stderr
    last = result.stdout.splitlines()[-1]
    assert last.startswith("published, but not all feedback was delivered: ar: ")
    assert "support" not in last and "can't be reached" in last
    first = counted_once(http.accepted)
    assert delivered(installation) == first
    assert len(http.accepted) == 1, "the step was tried three times; what was accepted is not sent again"
    assert checked(installation) == ["FAILED"]

    # a detractor of February that lands now is news; so is nothing else
    edit_teams(installation, support={"delivery_url": http.url}, ar={"delivery_url": http.url})
    more = {
        "survey.responses": "response_id,survey_id,account_id,contact_id,channel,submitted_at,updated_at\n"
        "LATE,REL,A1,A1-user-1,email,2025-02-01T12:00:00Z,2025-02-01T12:00:00Z\n"
        "PROMOTER,REL,A5,A5-user-1,email,2025-03-20T12:00:00Z,2025-03-24T12:00:00Z\n",
        "survey.answers": "response_id,question_id,score,updated_at\n"
        "LATE,LTR,2,2025-02-01T12:00:00Z\nPROMOTER,LTR,9,2025-03-24T12:00:00Z\n",
    }
    [(before,)] = installation.rows(HEADLINE)
    for entity, text in more.items():
        installation.land(entity, text, "late.csv")
    result = installation.run("run")
    assert result.returncode == 0, result.stdout + result.stderr
    assert counted_once(http.accepted) == delivered(installation)
    assert len(http.accepted) == 3, "of the other team what waited, of this one what is new"
    assert sum("Response LATE," in arrival.text for arrival in http.accepted) == 1
    assert checked(installation) == ["FAILED", "SUCCEEDED"]

    told = installation.rows(
        "select count(*), count(delivered_hours) from marts.fct_feedback_delivery where delivered_at is not null"
    )
    supports = installation.raw_rows(
        "select count(distinct response_id) from memory.deliveries where team_id = 'support'"
    )
    assert told[0][0] == told[0][1] == supports[0][0] - 1, "LATE is told of by the next publication"
    assert installation.rows("select min(delivered_p50_hours) > 0 from marts.rpt_feedback_latency") == [(True,)]

    assert_the_late_response_is_told(installation, before)

    everything = [path for path in installation.home.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(everything) > 100
    assert [path for path in everything if SECRET.encode() in path.read_bytes()] == []
    assert not any("Secretname" in arrival.text or "@example.com" in arrival.text for arrival in http.accepted)


def assert_the_late_response_is_told(installation: Installation, before: float) -> None:
    """As a restatement, by the publication that its run made."""
    [[previous, new, reasons, version, previous_version]] = installation.rows(
        "select previous_value, new_value, reasons, version, previous_version from marts.rpt_restatement"
        " where number = 'headline' and level = 'relationship' and period_grain = 'quarter'"
    )
    assert reasons == "late_response"
    assert (previous, [(new,)]) == (before, installation.rows(HEADLINE))
    publications = installation.rows(
        "select version, published_at, input_watermarks, programme_hash, code_version, row_counts, checks_passed, as_of"
        " from marts.publication order by version"
    )
    assert [row[0] for row in publications[-2:]] == [previous_version, version]
    assert all(value is not None for row in publications for value in row)
    [(counted,)] = installation.rows("select count(*) from marts.rpt_restatement")
    assert f'"rpt_restatement": {counted},' in publications[-1][5]
    assert "2025-03-24 12:00:00+00" in publications[-1][2]
    assert publications[0][6] > 100


def checked(installation: Installation) -> list[str]:
    """How the check ended in each run, in its order, as Dagster's own history has it."""
    program = (
        "import dagster as dg; i = dg.DagsterInstance.get();"
        "k = dg.AssetCheckKey(dg.AssetKey('delivered_feedback'), 'feedback_delivered');"
        "print(*[e.status.value for e in i.event_log_storage.get_asset_check_execution_history(k, limit=9)][::-1])"
    )
    environment = {**os.environ, "DAGSTER_HOME": str(installation.home / "dagster")}
    ends = subprocess.check_output([sys.executable, "-c", program], env=environment, text=True).split()
    return [end for end in ends if end != "PLANNED"]  # nobody was written to in the run before
