"""The oracle itself: against the worked example, hand-worked cases, and what must hold in any world."""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from reference import (
    World,
    counted_responses,
    fct_handoff,
    fct_journey,
    fct_journey_stage,
    fct_survey_response,
    load_world,
    periods,
    response_weights,
    rpt_nps,
    rpt_nps_lineage,
    rpt_team_contribution,
    rpt_team_contribution_lineage,
    shares,
)
from reference.about import INTERACTION_LEVELS, INTERACTION_SPLITS
from reference.nps import FRAMELESS_SPLITS, suppress
from reference.random_world import make_world, write_world
from reference.records import CONTRACTS, KEYS, typed
from reference.teams import shrunk_scores
from reference.weights import Period, capped, period_of

EXAMPLE = Path(__file__).resolve().parents[1] / "fixtures" / "worked_example"
Q1 = ("relationship", "quarter", date(2025, 1, 1))
QUARTER = Period("quarter", date(2025, 1, 1), date(2025, 4, 1))


# the worked example


@pytest.fixture(scope="module")
def example() -> World:
    return load_world(EXAMPLE / "landing", EXAMPLE / "programme", "2025-03-31T12:00:00Z")


@pytest.fixture(scope="module")
def example_nps(example: World) -> dict[Any, Any]:
    return rpt_nps(example, suppressed=False)


def expected(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / "expected" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_headlines_and_intervals(example_nps: dict[Any, Any]) -> None:
    for row in expected("nps"):
        total = example_nps[(*Q1, row["weighting"], "total", "total")]
        assert [float(total[column]) for column in ("score", "ci_low", "ci_high")] == pytest.approx(
            [float(row[column]) for column in ("score", "ci_low", "ci_high")], abs=5e-5
        )
        assert total["is_headline"] == (row["weighting"] == "value")
    assert example_nps[(*Q1, "value", "total", "total")]["score"] == Fraction(125100, 4480)
    assert example_nps[(*Q1, "account", "total", "total")]["score"] == Fraction(940700, 47040)


def test_base_interval(example_nps: dict[Any, Any]) -> None:
    total = example_nps[(*Q1, "none", "total", "total")]
    low, high = total["base_ci_low"], total["base_ci_high"]
    assert [low, high, (low + high) / 2] == pytest.approx([-21.8262, 50.6550, 14.4144], abs=5e-5)
    assert example_nps[(*Q1, "value", "total", "total")]["base_ci_low"] is None


@pytest.mark.parametrize("weighting", ["value", "account"])
def test_weights_and_teams(example: World, weighting: str) -> None:
    weights = response_weights(example, "relationship", QUARTER, weighting)
    rows = {row["response_id"]: float(row["weight"]) for row in expected(f"response_weight_{weighting}")}
    assert {i: float(w) for i, w in weights.items()} == pytest.approx(rows, abs=1e-12)
    assert sum(weights.values()) == 1
    teams = rpt_team_contribution(example, suppressed=False)
    for rule in ("owner", "handler"):
        found = {key[5]: row for key, row in teams.items() if key[:5] == (*Q1, weighting, rule)}
        assert len(found) == len(expected(f"team_contribution_{weighting}"))
        for row in expected(f"team_contribution_{weighting}"):
            for column in ("weight_share", "contribution", "team_score"):
                assert float(found[row["team_id"]][column]) == pytest.approx(float(row[column]), abs=1e-9)


def test_accounts_and_segments(example: World, example_nps: dict[Any, Any]) -> None:
    for account, score, coverage in (("A1", 30, 1), ("A2", 37.5, 0.8), ("A3", 25, 1), ("A4", 0, 0.3)):
        row = example_nps[(*Q1, "value", "account", account)]
        assert (float(row["score"]), float(row["role_coverage"])) == (score, coverage)
    shown = rpt_nps(example)
    assert shown[(*Q1, "value", "account", "A4")]["suppressed_reason"] == "low_role_coverage"
    assert shown[(*Q1, "value", "account", "A4")]["score"] is None
    assert shown[(*Q1, "value", "account", "A2")]["suppressed_reason"] is None
    assert float(example_nps[(*Q1, "value", "segment", "ent")]["score"]) == pytest.approx(31.1027, abs=5e-5)
    assert float(example_nps[(*Q1, "value", "segment", "smb")]["score"]) == pytest.approx(12.0313, abs=5e-5)


# small worlds worked by hand


def rows_of(key: str, rows: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: i, "updated_at": "2025-01-01T00:00:00Z", **row} for i, row in rows.items()]


def small_world(
    accounts: dict[str, dict[str, Any]],
    people: dict[str, tuple[str, list[str]]],
    scores: Sequence[tuple[str, str, int | None, dict[str, Any]]] = (),
    interactions: Sequence[dict[str, Any]] = (),
    relevance: Sequence[tuple[str, str, str]] = (),
) -> World:
    """people: contact -> (account, roles); scores: (response, contact, score, other columns)."""
    landed = {
        "crm.accounts": rows_of("account_id", accounts),
        "crm.contacts": rows_of("contact_id", {c: {"account_id": a} for c, (a, _) in people.items()}),
        "crm.contact_roles": [
            {"contact_id": c, "account_id": a, "role": r, "valid_from": "2020-01-01", "updated_at": "2025-01-01"}
            for c, (a, roles) in people.items()
            for r in roles
        ],
        "crm.interactions": [{"updated_at": "2025-01-01", **row} for row in interactions],
        "survey.surveys": [
            {"survey_id": level, "level": level, "updated_at": "2025-01-01"}
            for level in ("relationship", "experience", "touchpoint")
        ],
        "survey.questions": [
            {"survey_id": level, "question_id": "q", "metric": "nps", "updated_at": "2025-01-01"}
            for level in ("relationship", "experience", "touchpoint")
        ],
        "survey.responses": rows_of(
            "response_id",
            {
                i: {
                    "survey_id": "relationship",
                    "account_id": people[contact][0] if contact in people else "",
                    "contact_id": contact,
                    "submitted_at": "2025-02-10T12:00:00Z",
                    **other,
                }
                for i, contact, _, other in scores
            },
        ),
        "survey.answers": [
            {"response_id": i, "question_id": "q", "score": score, "updated_at": "2025-01-01"}
            for i, _, score, _ in scores
            if score is not None
        ],
    }
    weights = {"buyer": "0.5", "user": "0.3", "finance": "0.2"}
    programme: dict[str, list[dict[str, Any]]] = {
        "roles": [{"role": r, "role_group": r} for r in (*weights, "observer")],
        "role_weights": [
            {"role": r, "account_type": "*", "weight": w, "valid_from": "2020-01-01", "valid_to": ""}
            for r, w in weights.items()
        ],
        "journeys": [
            {"journey": "j", "stage": s, "stage_order": o, "is_entry": "", "is_exit": x, "target_days": t}
            for s, o, x, t in (("a", 1, "", 1), ("b", 2, "", ""), ("c", 3, "true", 1))
        ],
        "touchpoints": [{"touchpoint": f"tp_{s}", "journey": "j", "stage": s} for s in "abc"],
        "touchpoint_owners": [
            {"touchpoint": f"tp_{s}", "account_type": t, "region": r, "team_id": team,
             "valid_from": "2020-01-01", "valid_to": ""}
            for s, t, r, team in (("a", "*", "*", "one"), ("b", "*", "*", "two"), ("a", "*", "N", "three"),
                                  ("a", "big", "*", "four"))
        ],
        "role_relevance": [{"role": r, "touchpoint": t, "relevance": x} for r, t, x in relevance],
    }  # fmt: skip
    return World(landed, programme, datetime(2025, 3, 31, 23, 59, 59, 999999, tzinfo=UTC))


def test_cells_without_answers_fall_back_step_by_step() -> None:
    """A and B in s, C in t, D in u, equal v = 1/4 (no account has a value).

    A.buyer has no donor in s: to A's user. B.user: λ = 1/6 to the donor, the rest to the segment: the same response.
    D is silent and so is its segment: equally to all three units. a = 1/4·2 + 1/12, C keeps its cells + 1/12 each.
    """
    world = small_world(
        {"A": {"segment": "s"}, "B": {"segment": "s"}, "C": {"segment": "t"}, "D": {"segment": "u"}},
        {"au": ("A", ["user"]), "ab": ("A", ["buyer"]), "bu": ("B", ["user"]), "cb": ("C", ["buyer"]),
         "cu": ("C", ["user"]), "du": ("D", ["user"])},
        [("R1", "au", 10, {}), ("R2", "cb", 0, {}), ("R3", "cu", 8, {})],
    )  # fmt: skip
    assert response_weights(world, "relationship", QUARTER, "value") == {
        "R1": Fraction(56, 96),
        "R2": Fraction(23, 96),
        "R3": Fraction(17, 96),
    }


def test_two_roles_and_none() -> None:
    """p is buyer and user, q user: c = 5/8 and 3/8; the user cell holds 3/2 shares, so p gets 5/8 + 1/8."""
    world = small_world(
        {"A": {"annual_value": "10"}},
        {"p": ("A", ["buyer", "user"]), "q": ("A", ["user"]), "x": ("A", []), "o": ("A", ["observer"])},
        [("R1", "p", 10, {}), ("R2", "q", 0, {}), ("R3", "x", 0, {}), ("R4", "o", 0, {})],
    )
    weights = response_weights(world, "relationship", QUARTER, "value")
    assert weights == {"R1": Fraction(3, 4), "R2": Fraction(1, 4), "R3": 0, "R4": 0}
    none = response_weights(world, "relationship", QUARTER, "none")
    assert none == dict.fromkeys(("R1", "R2", "R3", "R4"), Fraction(1, 4))  # whoever gave it
    report = rpt_nps(world, suppressed=False)
    user = report[(*Q1, "value", "role", "user")]
    assert (user["weight_share"], user["response_count"], user["frame_count"]) == (Fraction(3, 8), 2, 2)
    assert user["score"] == 100 * (Fraction(1, 8) - Fraction(1, 4)) / Fraction(3, 8)
    unassigned = report[(*Q1, "value", "role_group", "unassigned")]
    assert (unassigned["score"], unassigned["weight_share"], unassigned["response_count"]) == (None, 0, 1)
    assert report[(*Q1, "value", "total", "total")]["response_count"] == 4
    assert report[(*Q1, "value", "account", "A")]["score"] == 100 * (Fraction(3, 4) - Fraction(1, 4))


def test_accounts_follow_merges_and_land_in_unknown() -> None:
    accounts = {
        "A": {"merged_into_account_id": "B", "is_deleted": "true"},
        "B": {"merged_into_account_id": "C"},
        "C": {},
        "D": {"merged_into_account_id": "E"},
        "E": {"is_deleted": "1"},
        "F": {"merged_into_account_id": "nowhere"},
    }
    people = {a.lower(): (a, ["user"]) for a in "ABCDEFX"}
    world = small_world(accounts, people, [(f"R{p}", p, 9, {}) for p in people])
    assert {a: world.account(a) for a in "ABCDEFX"} == {
        **dict.fromkeys("ABC", "C"),
        **dict.fromkeys("DEX", "unknown"),
        "F": "F",  # nobody landed the account it was merged into
    }
    report = rpt_nps(world, suppressed=False)
    total = report[(*Q1, "value", "total", "total")]
    assert (total["account_count"], total["response_count"], total["frame_count"]) == (5, 7, 4)
    unknown = rpt_nps(world)[(*Q1, "value", "account", "unknown")]
    assert (unknown["account_count"], unknown["suppressed_reason"]) == (3, "low_role_coverage")
    with pytest.raises(ValueError, match="cycle of merges: A > B > A"):
        small_world({"A": {"merged_into_account_id": "B"}, "B": {"merged_into_account_id": "A"}}, {}).account("A")


def test_counted_responses() -> None:
    """The latest answered one of the contact in the period; response_id breaks the tie; bounds are half-open."""
    late, bound = "2025-03-31T23:59:59.999999Z", "2025-04-01T01:00:00+02:00"
    world = small_world(
        {"A": {}},
        {"p": ("A", ["user"])},
        [("R1", "p", 0, {"submitted_at": late}), ("R2", "p", 9, {"submitted_at": late}),
         ("R3", "p", 9, {"submitted_at": bound}), ("R4", "p", None, {"submitted_at": late})],
    )  # fmt: skip
    assert [r["response_id"] for r in counted_responses(world, "relationship", QUARTER)] == ["R2"]
    assert {i: row["not_counted_reason"] for i, row in fct_survey_response(world).items()} == {
        "R1": "superseded",
        "R2": None,
        "R3": "superseded",  # 23:00 UTC on the last day of March
        "R4": "no_answer",
    }
    assert period_of(date(2025, 3, 31), "trailing_year") == Period(
        "trailing_year", date(2024, 4, 1), date(2025, 4, 1)
    )  # fmt: skip
    assert {p.grain for p in periods(world)} == {"quarter", "month", "trailing_year"}


def test_a_version_that_fails_never_competes() -> None:
    """Of 5, 11 and -1, all of one instant, 5 stands whatever their hashes; alone, 11 is no answer."""
    scores = [("R1", "p", 5, {}), ("R1", "p", 11, {}), ("R1", "p", -1, {}), ("R2", "p", 11, {})]
    world = small_world({"A": {}}, {"p": ("A", ["user"])}, scores)
    assert {i: r["score"] for i, r in world.responses.items()} == {"R1": 5, "R2": None}


def test_cap() -> None:
    v = {"A": Fraction(7, 10), "B": Fraction(2, 10), "C": Fraction(1, 10)}
    assert capped(v, Fraction(4, 10)) == {"A": Fraction(4, 10), "B": Fraction(4, 10), "C": Fraction(2, 10)}
    assert set(capped(v, Fraction(1, 10)).values()) == {Fraction(1, 3)}


def test_suppression_and_its_complement() -> None:
    world = small_world({}, {})

    def row(group: str, n: int, share: str = "0.1", accounts: int = 3, weight: int = 1) -> dict[str, Any]:
        return {"group_id": group, "response_count": n, "account_count": accounts, "weight_share": weight,
                "weighing_count": n, "weighing_account_count": accounts,
                "max_weight_share": Fraction(share), "score": 1, "contribution": 1, "role_coverage": 0}  # fmt: skip

    def reasons(*rows: dict[str, Any], split: str = "segment") -> list[str | None]:
        suppress(world, list(rows), split, "group_id")
        return [r["suppressed_reason"] for r in rows]

    assert reasons(row("a", 4, accounts=2), row("b", 5), row("c", 5)) == ["few_responses", "complementary", None]
    assert reasons(row("a", 5, accounts=2), row("b", 9)) == ["few_accounts", "complementary"]
    assert reasons(row("a", 9, "0.51"), row("b", 2), row("c", 5)) == ["dominant_response", "few_responses", None]
    assert reasons(row("a", 2, weight=0), row("b", 5, "0.5")) == ["few_responses", None]
    assert reasons(row("a", 5, accounts=1), split="total") == [None]
    assert reasons(row("a", 2, weight=0), split="total") == ["no_weight"]
    assert reasons(row("a", 5) | {"weighing_count": 2}, row("b", 5) | {"weighing_account_count": 2}) == [
        "few_responses",
        "few_accounts",
    ]
    hidden = row("a", 1)
    reasons(hidden)
    assert (hidden["score"], hidden["contribution"], hidden["weight_share"]) == (None, None, 1)


def interaction(number: int, touchpoint: str, at: str, **other: str) -> dict[str, Any]:
    return {"interaction_id": f"I{number}", "account_id": "A", "contact_id": "p", "touchpoint": f"tp_{touchpoint}",
            "occurred_at": at, **other}  # fmt: skip


def test_owner_scopes_and_attribution_window() -> None:
    """The window holds both ends; type before region; an own interaction of relevance 0 leaves it to the account's."""
    submitted = {"submitted_at": "2025-03-20T12:00:00Z"}
    world = small_world(
        {"A": {"region": "N"}, "B": {"region": "N", "account_type": "big"}},
        {"p": ("A", ["user"]), "q": ("B", ["buyer"])},
        [("R1", "p", 9, submitted), ("R2", "q", 9, submitted)],
        [
            interaction(1, "a", "2024-12-20T12:00:00Z"),  # exactly 90 days before
            interaction(2, "b", "2024-12-20T11:59:59Z"),
            interaction(3, "b", "2025-03-20T12:00:00Z", handled_by_team="nine"),
            interaction(4, "b", "2025-03-20T12:00:01Z"),
            interaction(5, "b", "2025-03-01T12:00:00Z", account_id="B", contact_id="q"),
            interaction(6, "a", "2025-03-01T12:00:00Z", account_id="B", contact_id=""),
        ],
        [("user", "tp_a", "0.5"), ("buyer", "tp_b", "0"), ("*", "tp_a", "0.9")],
    )
    first, second = world.responses["R1"], world.responses["R2"]
    assert shares(world, first, "owner") == {"three": Fraction(1, 3), "two": Fraction(2, 3)}
    assert shares(world, first, "handler") == {"nine": Fraction(2, 3), "three": Fraction(1, 3)}
    assert shares(world, second, "owner") == {"four": 1}


def test_shrinkage() -> None:
    """R = ±.5, pooled variance .25, V = .125 each, τ² = (4 − 1)/8, B = 1/4."""
    quarter = Fraction(1, 4)
    by_team = {"x": [(quarter, 1), (quarter, 0)], "y": [(quarter, 0), (quarter, -1)]}
    assert shrunk_scores(by_team) == pytest.approx({"x": 37.5, "y": -37.5})
    assert shrunk_scores({"x": [(Fraction(1, 2), 1)], "y": [(quarter, 0), (quarter, -1)]}) == {}


def test_journey() -> None:
    """a > c > b > c in one instance, closed; another is open for longer than its target."""
    at = "2025-03-{:02d}T00:00:00Z"
    rows = [
        interaction(1, "a", at.format(1), journey_id="J"),  # one
        interaction(2, "a", at.format(2), journey_id="J", handled_by_team="two"),
        interaction(3, "c", at.format(4), journey_id="J"),  # unattributed
        interaction(4, "b", at.format(6), journey_id="J"),  # two again
        interaction(5, "c", at.format(7), journey_id="J"),
        interaction(6, "c", at.format(9), journey_id="J"),
        interaction(7, "a", at.format(1)),
        interaction(8, "gone", at.format(2)),
    ]
    world = small_world({"A": {}}, {"p": ("A", ["user", "buyer"])}, [], rows)
    j, own = ("A", "j", "J"), ("A", "j", "A")
    journeys = fct_journey(world)
    assert set(journeys) == {j, own}
    assert journeys[j]["variant"] == "a > c > b > c"
    assert (journeys[j]["stage_count"], journeys[j]["handoff_count"], journeys[j]["dominant_role"]) == (4, 4, "buyer")
    assert journeys[j]["duration_seconds"] == 8 * 86400
    assert (journeys[own]["is_open"], journeys[own]["ended_at"]) == (True, None)
    visits = [row for key, row in fct_journey_stage(world).items() if key[0] == j]
    assert sum(v["duration_seconds"] for v in visits) == 8 * 86400
    assert [v["is_skip"] for v in visits] == [False, True, False, False]
    assert [v["is_reentry"] for v in visits] == [False, False, False, True]
    assert [v["handoff_count"] for v in visits] == [1, 1, 1, 1]
    assert [v["is_over_target"] for v in visits] == [True, True, None, True]
    assert [v["team_count"] for v in visits] == [2, 1, 1, 1]
    assert fct_journey_stage(world)[own, 1]["is_over_target"]
    handoffs = fct_handoff(world)
    assert [(row["from_team_id"], row["to_team_id"], row["is_return"]) for row in handoffs.values()] == [
        ("one", "two", False),
        ("two", "unattributed", False),
        ("unattributed", "two", True),
        ("two", "unattributed", True),
    ]
    assert handoffs[j, "I3"]["wait_seconds"] == 2 * 86400


# what holds in any world


@pytest.mark.parametrize("seed", [1, 6, 7, 8])
def test_random_worlds_add_up(seed: int) -> None:
    random_world = make_world(seed)
    world = World(random_world.landed, random_world.programme, datetime.fromisoformat(random_world.as_of))
    report, teams = rpt_nps(world, suppressed=False), rpt_team_contribution(world, suppressed=False)
    headline = {key[:4]: row["contribution"] for key, row in report.items() if key[4] == "total"}
    sums: dict[Any, Any] = defaultdict(Fraction)
    weights: dict[Any, Any] = defaultdict(Fraction)
    for key, row in [*report.items(), *teams.items()]:
        sums[key[:5]] += row["contribution"]
        weights[key[:5]] += row["weight_share"]
    for response_key, row in rpt_nps_lineage(world).items():
        sums[(*response_key[:4], "lineage")] += row["points"]
    for team_key, row in rpt_team_contribution_lineage(world).items():
        sums[(*team_key[:4], "lineage", team_key[4])] += row["points"]
    about = sum(key[0] in INTERACTION_LEVELS for key in headline) * len(INTERACTION_SPLITS)
    assert len(sums) == len(headline) * (8 + 2 + 1 + 2) + about
    assert all(total == headline[key[:4]] for key, total in sums.items())
    assert set(weights.values()) <= {0, 1}
    for key, row in report.items():
        if row["score"] is not None:
            assert row["score"] == 100 * (row["promoter_share"] - row["detractor_share"])
            assert -100 <= row["ci_low"] <= row["ci_high"] <= 100
            if key[3] == "none" and key[4] not in FRAMELESS_SPLITS and row["role_coverage"]:
                assert row["base_ci_low"] is not None
    instances = fct_journey(world)
    spent: dict[Any, float] = defaultdict(float)
    for (instance, _), visit in fct_journey_stage(world).items():
        spent[instance] += visit["duration_seconds"] or 0
    for instance, journey in instances.items():
        assert journey["is_open"] or spent[instance] == pytest.approx(journey["duration_seconds"])


@pytest.mark.parametrize("seed", range(40))
def test_random_programmes_and_rows_are_valid(seed: int) -> None:
    """No two owners or weights of one scope at an instant; contract columns, whole keys, no reserved ids, no ties."""
    world = make_world(seed)
    scopes = {"touchpoint_owners": ("touchpoint", "account_type", "region"), "role_weights": ("role", "account_type")}
    for name, columns in scopes.items():
        spans = defaultdict(list)
        for row in world.programme[name]:
            spans[tuple(row[c] for c in columns)].append((row["valid_from"], row["valid_to"] or "9999"))
        for intervals in spans.values():
            intervals.sort()
            assert all(since < until for since, until in intervals)
            assert all(before[1] <= after[0] for before, after in pairwise(intervals))
    teams = {row["team_id"] for row in world.programme["teams"]}
    assert {row["team_id"] for row in world.programme["touchpoint_owners"]} <= teams
    for entity, contract in CONTRACTS.items():
        seen: dict[Any, Any] = {}
        for row in world.landed[entity]:
            assert set(row) <= set(contract)
            key = tuple(row[c] for c in KEYS[entity])
            assert all(key) and not {"unknown", "unattributed", "unassigned"} & set(key)
            assert datetime.fromisoformat(row["updated_at"])
            version = (key, typed(row["updated_at"], "ts"))
            assert seen.setdefault(version, row) == row


def test_random_worlds_are_written_as_made(tmp_path: Path) -> None:
    made, paths = make_world(3), write_world(3, tmp_path / "one")
    again = write_world(3, tmp_path / "two")
    files = sorted(path.relative_to(paths.landing) for path in paths.landing.rglob("*.csv"))
    assert all((paths.landing / path).read_bytes() == (again.landing / path).read_bytes() for path in files)
    read = load_world(paths.landing, paths.programme, paths.as_of)
    world = World(made.landed, made.programme, datetime.fromisoformat(made.as_of))
    assert rpt_nps(read) == rpt_nps(world)
    assert rpt_team_contribution(read) == rpt_team_contribution(world)
