"""What the test `rows_keep_rules` finds in a table of rows that break one rule each, and how it names them.

Belongs here: the rules, each broken by one row. Does not: which table keeps which rules (dbt_project/models).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
COPIED = (
    "macros/row_rules.sql",
    "macros/issues.sql",
    "macros/dialect/dialect.sql",
    "tests/generic/rows_keep_rules.sql",
)
SETTINGS = {"name": "rules", "profile": "rules", "vars": {"tolerance": 1e-9}}
DUCKDB = {"type": "duckdb", "path": "{{ env_var('RULES_HOME') }}/warehouse.duckdb"}
PROFILES = {"rules": {"target": "duckdb", "outputs": {"duckdb": DUCKDB}}}

ARGUMENTS = {
    "grain": ["id", "part"],
    "may_be_null": ["part"],
    "never_empty": ["name"],
    "accepted": {"kind": ["old", "new"]},
    "ranges": {"0 to 1": ["share"], "1 or more": ["number"]},
    "known": {"team_id": "ref('teams')", "lead_id as team_id": "ref('teams')"},
    "adds_up": {"total": ["first", "second"]},
    "never_decreases": [["low", "middle", "high"]],
    "hides_suppressed": {"figures": ["score"], "hidden": ["bound"]},
    "has_length": ["starts", "ends"],
    "place": "things.csv",
}
# A row that keeps every rule; nothing that may be empty is needed for it.
GOOD = {
    **{"id": "'g'", "part": "'p'", "name": "'n'", "kind": "'old'", "share": "1.0", "number": "1.0", "team_id": "'a'"},
    **{"lead_id": "'b'", "first": "1", "second": "2", "total": "3", "low": "1", "middle": "1", "high": "2"},
    **{"suppressed_reason": "null", "weight_share": "0.5", "score": "7", "bound": "null"},
    **{"starts": "date '2026-01-01'", "ends": "date '2026-01-02'"},
}
EMPTY = {name: "null" for name in GOOD if name not in ("id", "name")}
SUPPRESSED = {"suppressed_reason": "'few'", "score": "null"}

# Row by its id: what it has other than the good one, and what is to be said of it.
BROKEN: dict[str, tuple[dict[str, str], str, str]] = {
    "i1": ({"name": "null"}, "name is filled", "name is empty"),
    "i2": ({"kind": "'odd'"}, "kind is accepted", "kind odd is not one of old, new"),
    "i3": ({"share": "1.1"}, "share is 0 to 1", "share 1.1 is not 0 to 1"),
    "i4": ({"share": "-0.1"}, "share is 0 to 1", "share -0.1 is not 0 to 1"),
    "i5": ({"number": "0.9"}, "number is 1 or more", "number 0.9 is not 1 or more"),
    "i6": ({"number": "'infinity'"}, "number is 1 or more", "number inf is not 1 or more"),
    "i7": ({"team_id": "'z'"}, "team_id is known", "team_id z is not in teams"),
    "i8": ({"lead_id": "'z'"}, "lead_id is known", "lead_id z is not in teams"),
    "i9": ({"total": "4"}, "adds up to total", "first 1, second 2 do not add up to total"),
    "j1": (
        {"low": "3", "middle": "null"},
        "low <= middle <= high",
        "low 3, middle (empty), high 2 fall from one to the next",
    ),
    "j2": (
        {**SUPPRESSED, "score": "7"},
        "hides what is suppressed",
        "suppressed_reason few with score 7, bound (empty)",
    ),
    "j3": (
        {**SUPPRESSED, "bound": "8"},
        "hides what is suppressed",
        "suppressed_reason few with score (empty), bound 8",
    ),
    "j4": (
        {"score": "null"},
        "hides what is suppressed",
        "suppressed_reason (empty) with score (empty), bound (empty)",
    ),
    "j5": ({"ends": "date '2026-01-01'"}, "ends is after starts", "ends 2026-01-01 is not after starts 2026-01-01"),
}
KEPT = {
    "k1": {},
    "k2": EMPTY,
    "k3": SUPPRESSED,
    "k4": {"score": "null", "weight_share": "0.0"},
    "k5": {"ends": "null"},
    "k6": {"share": "1.0000000001", "bound": "5"},
}


def row(key: str, **other: str) -> str:
    """Return a select of the good row under another id, with other values in some columns."""
    values = {**GOOD, "id": f"'{key}'", **other}
    for name in ("share", "number"):
        values[name] = f"cast({values[name]} as double)"
    return "select " + ", ".join(f"{value} as {name}" for name, value in values.items())


ROWS = [
    *(row(key, **other) for key, (other, _, _) in BROKEN.items()),
    *(row(key, **other) for key, other in KEPT.items()),
    *(row("twice"), row("twice"), row("twice", part="null")),
    *(row("thrice", part="null"), row("thrice", part="null"), row("thrice", part="null")),
    *(row("x", id="null"), row("both", kind="'odd'", share="2")),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Rule and issue of each row that the test returns."""
    home = tmp_path_factory.mktemp("rules")
    for file in COPIED:
        (home / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / file, home / file)
    test = {"rows_keep_rules": {"name": "things_rows", "arguments": ARGUMENTS}}
    written = {
        "dbt_project.yml": json.dumps(SETTINGS),
        "profiles.yml": json.dumps(PROFILES),
        "models/teams.sql": "select 'a' as team_id union all select 'b' union all select 'a'",
        "models/things.sql": " union all ".join(ROWS),
        "models/things.yml": json.dumps({"models": [{"name": "things", "data_tests": [test]}]}),
    }
    (home / "models").mkdir()
    for name, text in written.items():
        (home / name).write_text(text, encoding="utf-8")
    folders = {"project-dir": home, "profiles-dir": home, "target-path": home / "target", "log-path": home / "logs"}
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "build", *(f"--{name}={path}" for name, path in folders.items())],
        env={**os.environ, "RULES_HOME": str(home), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    results = json.loads((home / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    (checked,) = (result for result in results if result["unique_id"].startswith("test."))
    assert checked["status"] == "fail", done.stdout
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        return connection.sql(checked["compiled_code"]).fetchall()


def issue(said: str, key: str = "(empty)", part: str = "p") -> str:
    return f"things.csv: {said}: id {key}, part {part}"


@pytest.mark.parametrize("key", BROKEN)
def test_a_broken_rule_names_itself_and_the_row(found: list[tuple[str, str]], key: str) -> None:
    _, rule, said = BROKEN[key]
    assert [one for one in found if f"id {key}," in one[1]] == [(rule, issue(said, key))]


def test_rows_that_share_their_grain_are_counted(found: list[tuple[str, str]]) -> None:
    assert sorted(one for one in found if one[0] == "unique") == [
        ("unique", issue("2 rows instead of one", "twice")),
        ("unique", issue("3 rows instead of one", "thrice", "(empty)")),
    ]


def test_an_empty_part_of_the_grain_is_named(found: list[tuple[str, str]]) -> None:
    assert ("id is filled", issue("id is empty")) in found


def test_a_row_that_breaks_two_rules_is_named_twice(found: list[tuple[str, str]]) -> None:
    assert sorted(rule for rule, said in found if "id both," in said) == ["kind is accepted", "share is 0 to 1"]


def test_nothing_else_is_found(found: list[tuple[str, str]]) -> None:
    assert len(found) == len(BROKEN) + 2 + 1 + 2
