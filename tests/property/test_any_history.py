"""Whatever happened on the way, the marts are those of one clean run over the same records.

Belongs here: random sequences of landings, corrections that are taken back, builds, builds cut short, changes of
programme and clock, full refreshes. Does not: processes killed in earnest (integration), particular numbers (e2e).
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from building import Builder, Programme, Tables
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from reference.random_world import AS_OFS, make_world

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "2"))
STEPS = int(os.environ.get("PROPERTY_STEPS", "3"))
seeds = st.integers(min_value=0, max_value=10_000)
# How a build goes: whole; from raw; or cut short before this model, so that nothing after it was reached.
builds = st.sampled_from(
    (
        *(["whole"] * 6),
        "from raw",
        "stg_crm__interactions",
        "stg_crm__accounts",
        "int_accounts__current",
        "int_interactions__resolved",
        "int_journeys__stage_visits",
        "int_responses__resolved",
        "int_responses__team_shares",
        "int_periods__listed",
        "stg_crm__contacts",
        "int_nps__units",
    )
)


class History(RuleBasedStateMachine):
    """One home that lives through a history; at the end, another that sees everything at once."""

    builders: tuple[Builder, Builder]

    @initialize(seed=seeds)
    def begin(self, seed: int) -> None:
        world = make_world(seed)
        rng = random.Random(seed)
        self.world, self.rules, self.as_of = world, world.programme, world.as_of
        self.world_rows = [(entity, row) for entity, rows in world.landed.items() for row in rows]
        rng.shuffle(self.world_rows)
        self.living, self.clean = self.builders
        self.living.empty()
        # most of it is there when the history begins: what comes then is little, as in life
        half = len(self.world_rows) // 2
        self.living.land(cut(self.world_rows[:half]))
        self.waiting = self.world_rows[half:]
        self.corrections: list[dict[str, list[dict[str, str]]]] = []
        self.build("whole")

    @rule(share=st.sampled_from((0.01, 0.05, 0.3)), again=st.booleans(), build=builds)
    def records_land(self, share: float, again: bool, build: str) -> None:
        count = max(1, round(len(self.world_rows) * share))
        landing, self.waiting = self.waiting[:count], self.waiting[count:]
        self.living.land(cut(landing))
        if again:
            self.living.land(cut(landing[:20]))
        self.build(build)

    @rule(seed=seeds, build=builds, after=builds)
    def a_record_changes_and_back_again(self, seed: int, build: str, after: str) -> None:
        """A contact moves to another account, an account is merged, or valued differently, a score is corrected."""
        rng = random.Random(seed)
        entity, column = rng.choice(
            (
                ("crm.contacts", "account_id"),
                ("crm.accounts", "merged_into_account_id"),
                ("crm.accounts", "annual_value"),
                ("survey.answers", "score"),
            )
        )
        rows = [row for row in self.world.landed[entity] if row.get("is_deleted") != "true" and column in row]
        if entity == "survey.answers":
            rows = [row for row in rows if row["score"]]
        row = rng.choice(rows)
        others = sorted({one["account_id"] for one in self.world.landed["crm.accounts"]} - {row.get("account_id")})
        value = {"annual_value": "12345.67", "score": "1"}.get(column) or rng.choice(others)
        for version, how in ((row | {column: value}, build), (row, after)):
            # later than all that the world holds, each one later than the one before
            at = f"2040-01-01T{len(self.corrections) // 60:02}:{len(self.corrections) % 60:02}:00Z"
            self.corrections.append({entity: [version | {"updated_at": at}]})
            self.living.land(self.corrections[-1])
            self.build(how)

    @rule(as_of=st.sampled_from(AS_OFS), build=builds)
    def the_clock_moves(self, as_of: str, build: str) -> None:
        self.as_of = as_of
        self.build(build)

    @rule(seed=seeds, build=builds)
    def the_programme_changes(self, seed: int, build: str) -> None:
        self.rules = changed(self.rules, random.Random(seed))
        self.build(build)

    def build(self, how: str) -> None:
        match how:
            case "whole":
                self.living.build(self.rules, self.as_of)
            case "from raw":
                self.living.build(self.rules, self.as_of, "--full-refresh")
            case missing:
                self.living.build(self.rules, self.as_of, "--select", "*", "--exclude", f"{missing}+")

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.living.land(cut(self.waiting))
        self.living.land(cut(self.world_rows[::10]))  # some of it once more
        self.living.build(self.rules, self.as_of)
        lived = self.living.read()
        assert_identical(lived, self.clean.marts([self.world.landed, *self.corrections], self.rules, self.as_of))


def cut(records: list[tuple[str, dict[str, str]]]) -> dict[str, list[dict[str, str]]]:
    """Return the records by entity."""
    entities: dict[str, list[dict[str, str]]] = {}
    for entity, row in records:
        entities.setdefault(entity, []).append(row)
    return entities


def changed(rules: Programme, rng: random.Random) -> Programme:
    """Return the programme with one thing changed: an owner, a weight, a target, a name, a relevance."""
    rules = deepcopy(rules)
    what = rng.choice(("touchpoint_owners", "role_weights", "journeys", "teams", "role_relevance"))
    row = rng.choice(rules[what])
    match what:
        case "touchpoint_owners":
            row["team_id"] = rng.choice(rules["teams"])["team_id"]
        case "role_weights":
            row["weight"] = repr(float(row["weight"]) + rng.choice((0.5, 1.0)))
        case "journeys":
            row["target_days"] = str(rng.randint(1, 9))
        case "teams":
            row["team_name"] += " (new)"
        case "role_relevance":
            row["relevance"] = rng.choice(("0", "0.25", "1"))
    return rules


def assert_identical(lived: Tables, clean: Tables) -> None:
    """Bit for bit: no tolerance."""
    assert lived.keys() == clean.keys()
    wrong = {}
    for table, rows in clean.items():
        if rows != lived[table]:
            missing = [row for row in rows if row not in lived[table]]
            extra = [row for row in lived[table] if row not in rows]
            wrong[table] = (len(missing), len(extra), missing[:1], extra[:1])
    assert not wrong, "\n".join(f"{table}: {found}" for table, found in wrong.items())


@pytest.fixture(scope="module")
def builders() -> Iterator[tuple[Builder, Builder]]:
    with TemporaryDirectory() as living, TemporaryDirectory() as clean:
        yield Builder(Path(living)), Builder(Path(clean))


def test_any_history_ends_in_the_marts_of_a_clean_run(builders: tuple[Builder, Builder]) -> None:
    History.builders = builders
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
