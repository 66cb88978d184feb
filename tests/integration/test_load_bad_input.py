"""What bad input gets: one test per row of the promise, with real files, neighbours included."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from load_zone import BOUND_BY_MODES, Zone, good_row

ENTITY = "crm.interactions"
HEADER = "interaction_id,account_id,touchpoint,occurred_at,updated_at\n"
GOOD = "2025-03-01T10:00:00Z,2025-03-01T10:00:00Z\n"


@pytest.fixture
def zone(tmp_path: Path) -> Zone:
    return Zone(tmp_path)


def rows(*numbers: int) -> str:
    return "".join(f"I{number},A1,order_call,{GOOD}" for number in numbers)


def loaded(zone: Zone) -> list[Any]:
    return [row[0] for row in zone.query("SELECT interaction_id FROM raw.crm_interactions ORDER BY 1")]


def test_one_bad_row_is_quarantined_with_every_reason_and_its_neighbours_load(zone: Zone) -> None:
    bad = "I2,,Order Call,2025-1-2,never\n"
    zone.land(ENTITY, "2025/a.csv", HEADER + rows(1) + bad + rows(3))
    report = zone.load_one(ENTITY, load_id="first")
    assert (report.rows_read, report.rows_loaded, report.rows_quarantined) == (3, 2, 1)
    assert loaded(zone) == ["I1", "I3"]
    ((source, entity, file, number, record, reasons, load_id, resolved),) = zone.quarantined(
        "source, entity, file, row_number, record, reasons, load_id, resolved_at"
    )
    assert (source, entity, file, number) == ("crm", "interactions", "crm/interactions/2025/a.csv", 2)
    assert json.loads(record) == {
        "interaction_id": "I2",
        "account_id": None,
        "touchpoint": "Order Call",
        "occurred_at": "2025-1-2",
        "updated_at": "never",
    }
    assert reasons == [
        "account_id: a value is required (a non-empty id)",
        "touchpoint: 'Order Call' is not a lower-case code without blanks",
        "occurred_at: '2025-1-2' is not an ISO 8601 instant such as 2025-01-31T09:30:00Z, of 1990 or later",
        "updated_at: 'never' is not an ISO 8601 instant such as 2025-01-31T09:30:00Z, of 1990 or later",
    ]
    assert (load_id, resolved) == ("first", None)
    assert zone.ledger() == [("crm/interactions/2025/a.csv", "loaded", 3, 2, 1)]


@pytest.mark.parametrize("key", ["", "unknown", "unattributed", "unassigned"])
def test_an_empty_or_reserved_key_is_quarantined(zone: Zone, key: str) -> None:
    zone.land(ENTITY, "a.csv", HEADER + f"{key},A1,order_call,{GOOD}" + rows(2))
    assert zone.load_one(ENTITY).rows_quarantined == 1
    ((reasons, record_key),) = zone.quarantined("reasons, record_key")
    assert reasons[0].startswith("interaction_id: ")
    assert record_key is None
    assert loaded(zone) == ["I2"]


def test_a_reserved_word_as_a_reference_passes(zone: Zone) -> None:
    zone.land(ENTITY, "a.csv", HEADER + f"I1,unknown,unattributed,{GOOD}")
    assert zone.load_one(ENTITY).rows_loaded == 1


def test_a_corrected_row_supersedes_the_bad_one(zone: Zone) -> None:
    zone.land(ENTITY, "a.csv", HEADER + f"I1,,order_call,{GOOD}" + "I2,A1,order_call,x,2025-03-01T10:00:00Z\n")
    zone.load()
    zone.land(ENTITY, "b.csv", HEADER + "I1,A1,order_call,2025-03-01T10:00:00Z,2025-03-01T10:00:00Z\n")
    zone.load()
    assert [is_resolved for (is_resolved,) in zone.quarantined("resolved_at IS NOT NULL")] == [True, False]
    zone.land(ENTITY, "c.csv", HEADER + "I2,A1,order_call,2025-03-01T10:00:00Z,2025-02-28T10:00:00Z\n")
    zone.load()
    assert [is_resolved for (is_resolved,) in zone.quarantined("resolved_at IS NOT NULL")] == [True, False]


def test_a_bad_row_that_comes_after_its_better_version_is_resolved_at_once(zone: Zone) -> None:
    zone.land(ENTITY, "a.csv", HEADER + rows(1, 2))
    zone.load()
    old = "I1,,order_call,2025-01-01T00:00:00Z,2025-01-01T00:00:00Z\n"
    new = "I2,,order_call,2025-12-01T00:00:00Z,2025-12-01T00:00:00Z\n"
    zone.land(ENTITY, "b.csv", HEADER + old + new)
    zone.load()
    assert [is_resolved for (is_resolved,) in zone.quarantined("resolved_at IS NOT NULL")] == [True, False]


def test_a_bad_row_without_a_readable_change_is_resolved_by_a_later_load_only(zone: Zone) -> None:
    zone.land(ENTITY, "a.csv", HEADER + "I1,A1,order_call,2025-03-01T10:00:00Z,never\n" + rows(1))
    zone.load()
    assert zone.quarantined("resolved_at") == [(None,)]
    zone.land(ENTITY, "b.csv", HEADER + rows(1))
    zone.load()
    assert zone.quarantined("resolved_at IS NOT NULL") == [(True,)]


def test_a_bad_key_stays_open(zone: Zone) -> None:
    zone.land(ENTITY, "a.csv", HEADER + f",A1,order_call,{GOOD}")
    zone.load()
    zone.land(ENTITY, "b.csv", HEADER + rows(1))
    zone.load()
    assert zone.quarantined("resolved_at") == [(None,)]


def test_a_compound_key_is_resolved_by_all_of_its_columns(zone: Zone) -> None:
    roles = "crm.contact_roles"
    zone.land_rows(roles, "a.csv", good_row(roles, valid_to="x"), good_row(roles, valid_to="x", role="user"))
    zone.load()
    assert zone.quarantined("record_key") == [
        (["7", "7", "some_code", "2025-03-01"],),
        (["7", "7", "user", "2025-03-01"],),
    ]
    zone.land_rows(roles, "b.csv", good_row(roles, role="user"))
    zone.load()
    assert zone.quarantined("resolved_at IS NOT NULL") == [(False,), (True,)]


UNREADABLE = {
    "truncated parquet": ("x.parquet", b"PAR1 and then nothing", "truncated or damaged"),
    "empty parquet": ("x.parquet", b"", "too small to be a Parquet file"),
    "not UTF-8 in a row": ("x.csv", (HEADER + rows(1)).encode().replace(b"A1", b"\xff\xfe"), "not UTF-8"),
    "not UTF-8 in the header": ("x.csv", b"\xff" + (HEADER + rows(1)).encode(), "not UTF-8"),
    "UTF-16": ("x.csv", (HEADER + rows(1)).encode("utf-16"), "UTF-16 text: save it as UTF-8"),
    "not UTF-8 in JSON": ("x.jsonl", b'{"interaction_id": "\xff"}\n', "not UTF-8"),
    "no header": ("x.csv", b"", "no header: the first line is empty"),
    "blank first line": ("x.csv", "\n" + HEADER + rows(1), "no header: the first line is empty"),
    "missing required column": ("x.csv", (HEADER + rows(1)).replace("touchpoint", "touch_point"), "touchpoint"),
    "missing required columns in JSON": ("x.jsonl", '{"interaction_id": "I1"}\n{"updated_at": ""}\n', "updated_at"),
    "unterminated quote": ("x.csv", HEADER + rows(1) + '"I2,A1,order_call,' + GOOD, "a quote is not closed"),
    "text after a quote": ("x.csv", HEADER + '"I2"x,A1,order_call,' + GOOD, "a quote is not closed"),
    "repeated header name": (
        "x.csv",
        "interaction_id," + HEADER + "I0," + rows(1),
        "column 1 (interaction_id) is named twice, again as column 2",
    ),
    "NUL byte": ("x.csv", HEADER + rows(1).replace("A1", "A\x001"), "holds a NUL byte"),
    "NUL byte in JSON": ("x.jsonl", b'{"interaction_id": "\0"}\n', "holds a NUL byte"),
}


@pytest.mark.parametrize(("name", "content", "cause"), UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_file_is_rejected_whole_and_its_neighbours_load(
    zone: Zone, name: str, content: str | bytes, cause: str
) -> None:
    zone.land(ENTITY, f"z/{name}", content)
    zone.land(ENTITY, "a.csv", HEADER + rows(1))
    report = zone.load_one(ENTITY)
    (rejected,) = report.rejected
    assert rejected.file == f"crm/interactions/z/{name}"
    assert rejected.reason.startswith(f"crm/interactions/z/{name} (crm.interactions): ")
    assert cause in rejected.reason
    assert "\n" not in rejected.reason
    assert (report.files_new, report.rows_read, report.stopped) == (1, 1, None)
    assert loaded(zone) == ["I1"]
    assert zone.ledger() == [
        ("crm/interactions/a.csv", "loaded", 1, 1, 0),
        (f"crm/interactions/z/{name}", "rejected", 0, 0, 0),
    ]
    assert zone.quarantined() == []


def test_a_damaged_gzip_is_rejected(zone: Zone) -> None:
    path = zone.land(ENTITY, "a.csv.gz", HEADER + rows(*range(500)))
    path.write_bytes(path.read_bytes()[:-30])
    (rejected,) = zone.load_one(ENTITY).rejected
    assert "truncated or damaged gzip" in rejected.reason


def test_a_file_that_may_not_be_opened_is_rejected(zone: Zone) -> None:
    zone.land(ENTITY, "a.csv", HEADER + rows(1)).chmod(0)
    zone.land(ENTITY, "b.csv", HEADER + rows(2))
    done = zone.load_apart(*BOUND_BY_MODES)
    assert done.returncode == 0, done.stderr
    assert loaded(zone) == ["I2"]
    assert zone.ledger("file, status, reason") == [
        ("crm/interactions/a.csv", "rejected", "can't be opened: Permission denied"),
        ("crm/interactions/b.csv", "loaded", None),
    ]


def test_a_rejected_file_is_tried_again_and_its_ledger_row_replaced(zone: Zone) -> None:
    zone.land(ENTITY, "a.csv", "nonsense\n")
    zone.load()
    zone.load()
    assert zone.ledger() == [("crm/interactions/a.csv", "rejected", 0, 0, 0)]
    assert zone.scalar("SELECT reason FROM raw.load_ledger").startswith("required column missing: interaction_id, ")
    zone.land(ENTITY, "a.csv", HEADER + rows(1))
    assert zone.load_one(ENTITY).rejected == []
    assert zone.ledger() == [("crm/interactions/a.csv", "loaded", 1, 1, 0)]


def test_a_copy_of_a_rejected_file_is_rejected_too(zone: Zone) -> None:
    zone.land(ENTITY, "a.csv", HEADER + '"')
    zone.land(ENTITY, "b.csv", HEADER + '"')
    assert [rejected.file for rejected in zone.load_one(ENTITY).rejected] == [
        "crm/interactions/a.csv",
        "crm/interactions/b.csv",
    ]


@pytest.mark.parametrize(
    ("bad", "good", "is_stopped"),
    [(20, 379, True), (20, 380, False), (19, 20, False), (3, 3, True), (2, 3, False), (2, 2, False)],
)
def test_a_batch_is_stopped_by_more_than_a_share_and_at_least_20_rows(
    zone: Zone, bad: int, good: int, is_stopped: bool
) -> None:
    zone.land(ENTITY, "good.csv", HEADER + rows(*range(good)))
    zone.land(ENTITY, "bad.csv", HEADER + "".join(f"B{i},,order_call,{GOOD}" for i in range(bad)))
    zone.land("crm.products", "a.csv", "product_id,product_name,updated_at\nP1,Pump,2025-01-01\n")
    zone.land(ENTITY, "broken.csv", "")
    report = zone.load()
    interactions = report.entities[ENTITY]
    assert interactions.rows_quarantined == bad
    assert zone.scalar("SELECT count(*) FROM raw.crm_products") == 1
    assert [rejected.file for rejected in interactions.rejected] == ["crm/interactions/broken.csv"]
    if is_stopped:
        assert interactions.stopped == (
            f"crm.interactions: stopped, quarantined_share: {bad} of {bad + good} rows would be quarantined; "
            f"most frequent: {bad} × account_id: a value is required (a non-empty id)"
        )
        assert (interactions.rows_loaded, loaded(zone), zone.quarantined()) == (0, [], [])
        assert [status for _, status, *_ in zone.ledger()] == ["rejected", "loaded"]
        assert zone.load(entities=[ENTITY]).entities[ENTITY].stopped == interactions.stopped
    else:
        assert interactions.stopped is None
        assert len(loaded(zone)) == good
        assert len(zone.quarantined()) == bad


def test_the_share_is_a_setting(zone: Zone) -> None:
    zone.land(ENTITY, "a.csv", HEADER + rows(*range(30)) + "".join(f"B{i},,x,{GOOD}" for i in range(20)))
    assert zone.load_one(ENTITY, max_quarantined_share=0.39).stopped
    assert zone.load_one(ENTITY, max_quarantined_share=0.4).stopped is None


def test_rows_of_another_width_are_bad_rows_and_keep_their_neighbours_numbers(zone: Zone) -> None:
    text = (
        HEADER
        + rows(1)
        + "\n"
        + "I2,A1\n"
        + rows(3)
        + 'I4,"a\nb",x,y,z,"1,2",3\n'
        + rows(5).rstrip()
        + ",\n"
        + rows(6, 7)
    )
    zone.land(ENTITY, "a.csv", text)
    report = zone.load_one(ENTITY)
    assert (report.rows_read, report.rows_loaded) == (7, 4)
    assert zone.query("SELECT interaction_id, _row_number FROM raw.crm_interactions ORDER BY ALL") == [
        ("I1", 1),
        ("I3", 3),
        ("I6", 6),
        ("I7", 7),
    ]
    assert [
        (number, json.loads(record), reasons)
        for number, record, reasons in zone.quarantined("row_number, record, reasons")
    ] == [
        (2, {"line": "I2,A1"}, ["line: 2 fields where the header has 5"]),
        (4, {"line": 'I4,"a\nb",x,y,z,"1,2",3'}, ["line: 7 fields where the header has 5"]),
        (5, {"line": rows(5).rstrip() + ","}, ["line: 6 fields where the header has 5"]),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_single_comma_too_many_is_another_width(zone: Zone, end: str) -> None:
    zone.land(ENTITY, "a.csv", (HEADER + rows(1) + rows(2).rstrip() + ",\n").strip().replace("\n", end or "\n") + end)
    assert zone.load_one(ENTITY).rows_quarantined == 1
    assert zone.quarantined("row_number, reasons") == [(2, ["line: 6 fields where the header has 5"])]


def test_a_json_line_that_does_not_parse_is_a_bad_row(zone: Zone) -> None:
    row = {
        "interaction_id": "I1",
        "account_id": "A1",
        "touchpoint": "x",
        "occurred_at": "2025-01-01",
        "updated_at": "2025-01-01",
    }
    lines = [json.dumps(row), "", '{"interaction_id": ', "[1]", "  ", json.dumps(row | {"interaction_id": "I4"})]
    zone.land(ENTITY, "a.jsonl", "\n".join(lines))
    assert zone.load_one(ENTITY).rows_read == 4
    assert zone.query("SELECT interaction_id, _row_number FROM raw.crm_interactions ORDER BY 1") == [
        ("I1", 1),
        ("I4", 4),
    ]
    assert [
        (number, json.loads(record), reasons)
        for number, record, reasons in zone.quarantined("row_number, record, reasons")
    ] == [
        (2, {"line": '{"interaction_id": '}, ["line: not a JSON object"]),
        (3, {"line": "[1]"}, ["line: not a JSON object"]),
    ]


def test_the_same_file_under_any_name_is_loaded_once_and_noted(zone: Zone) -> None:
    zone.land(ENTITY, "a.csv", HEADER + rows(1))
    zone.land(ENTITY, "b.csv", HEADER + rows(1))
    report = zone.load_one(ENTITY)
    assert (report.files_new, report.files_duplicate, report.rows_read) == (1, 1, 1)
    zone.land(ENTITY, "c/d.csv", HEADER + rows(1))
    assert zone.load_one(ENTITY).files_duplicate == 1
    assert zone.load_one(ENTITY).files_duplicate == 0
    assert loaded(zone) == ["I1"]
    assert zone.ledger("file, status, rows_read, reason") == [
        ("crm/interactions/a.csv", "loaded", 1, None),
        ("crm/interactions/b.csv", "duplicate", 0, "same content as crm/interactions/a.csv"),
        ("crm/interactions/c/d.csv", "duplicate", 0, "same content as crm/interactions/a.csv"),
    ]


def test_equal_content_of_two_entities_is_no_duplicate(zone: Zone) -> None:
    both = "survey_id,survey_name,level,question_id,metric,updated_at\nS1,Yearly,relationship,Q1,nps,2025-01-01\n"
    zone.land("survey.surveys", "a.csv", both)
    zone.land("survey.questions", "a.csv", both)
    report = zone.load()
    assert [report.entities[name].rows_loaded for name in ("survey.surveys", "survey.questions")] == [1, 1]


def test_a_touched_file_is_not_loaded_again_and_a_rewritten_one_is(zone: Zone) -> None:
    path = zone.land(ENTITY, "a.csv", HEADER + rows(1))
    zone.load()
    os.utime(path, (1, 1))
    assert zone.load_one(ENTITY).files_new == 0
    zone.land(ENTITY, "a.csv", HEADER + rows(1, 2))
    assert zone.load_one(ENTITY).rows_read == 2
    assert len(zone.ledger()) == 2
