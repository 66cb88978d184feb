"""Assembling the programme: own files, defaults, extra columns, and every way it can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest import IngestError
from ingest.programme import COLUMNS, DAYS, FLAGS, NUMBERS, REQUIRED, WHOLE_NUMBERS, resolve

TYPED = {*DAYS, *NUMBERS, *WHOLE_NUMBERS, *FLAGS}
SHIPPED = Path(__file__).parents[3] / "dbt_project" / "seeds" / "programme"


@pytest.fixture
def default(tmp_path: Path) -> Path:
    return make(tmp_path / "default", COLUMNS, "default")


def make(folder: Path, names: object, value: str) -> Path:
    folder.mkdir()
    for name in list(names):  # type: ignore[call-overload]
        columns = COLUMNS[name]
        row = ["" if column in TYPED else value for column in columns]
        (folder / name).write_text(",".join(columns) + "\n" + ",".join(row) + "\n")
    return folder


def test_the_shipped_programme_has_every_file_and_column(tmp_path: Path) -> None:
    resolve(None, SHIPPED, tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(COLUMNS)


def test_own_files_win_and_the_default_stands_in(tmp_path: Path, default: Path) -> None:
    own = make(tmp_path / "own", REQUIRED, "own")
    text = "relevance,note,touchpoint,role\n0.5,mine,*,buyer\n\n"
    (own / "role_relevance.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    resolve(own, default, tmp_path / "out")
    assert (tmp_path / "out" / "role_relevance.csv").read_text() == "role,touchpoint,relevance\nbuyer,*,0.5\n"
    assert (tmp_path / "out" / "teams.csv").read_text().endswith("own,own,own,own,own\n")
    assert (tmp_path / "out" / "themes.csv").read_text().endswith("default,default,default,default,default\n")


def test_the_hash_follows_the_content_and_unchanged_files_are_not_written(tmp_path: Path, default: Path) -> None:
    out = tmp_path / "out"
    first = resolve(None, default, out)
    times = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    assert resolve(None, default, out) == first
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == times
    (default / "teams.csv").write_text((default / "teams.csv").read_text() + "a,b,c,d,e\n")
    assert resolve(None, default, out) != first
    assert [path.name for path in out.iterdir() if path.stat().st_mtime_ns != times[path]] == ["teams.csv"]


def test_a_stray_seed_is_removed(tmp_path: Path, default: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old.csv").write_text("x")
    resolve(None, default, tmp_path / "out")
    assert not (tmp_path / "out" / "old.csv").exists()


WRONG = {
    "not UTF-8": (b"\xff\xfe", r"roles\.csv is not UTF-8 \(byte 0\): save it as CSV UTF-8"),
    "empty": (b"", r"roles\.csv has no header: its first line must be role,role_name,role_group,description"),
    "column missing": (b"role,role_name\n", r"roles\.csv has no column role_group, description: its header must name"),
    "column twice": (b"role,role_name,role_group,description,role\n", r"roles\.csv has column role twice"),
    "short row": (
        b"role,role_name,role_group,description\na,b,c,d\na,b\n",
        r"roles\.csv row 2: 2 fields, the header has 4",
    ),
    "open quote": (
        b'role,role_name,role_group,description\na,b,c,"d\n',
        r"roles\.csv is not valid CSV: .*check its quotes",
    ),
}


@pytest.mark.parametrize(("content", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_named_with_the_remedy(tmp_path: Path, default: Path, content: bytes, message: str) -> None:
    own = make(tmp_path / "own", REQUIRED, "own")
    (own / "roles.csv").write_bytes(content)
    with pytest.raises(IngestError, match=message) as error:
        resolve(own, default, tmp_path / "out")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists(), "nothing is written before everything is right"


def test_a_missing_folder_or_file_is_named(tmp_path: Path, default: Path) -> None:
    with pytest.raises(IngestError, match=r"nowhere does not exist.*ANSWERABLE_PROGRAMME"):
        resolve(tmp_path / "nowhere", default, tmp_path / "out")
    own = make(tmp_path / "own", REQUIRED[2:], "own")
    with pytest.raises(IngestError, match=r"own has no teams\.csv, roles\.csv: add it"):
        resolve(own, default, tmp_path / "out")


def test_the_effective_folder_is_never_the_clients_own(tmp_path: Path, default: Path) -> None:
    own = make(tmp_path / "own", REQUIRED, "own")
    with pytest.raises(IngestError, match="keep your programme in another folder"):
        resolve(own, default, own)


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("role_weights.csv", "weight", "0,5"),
        ("role_weights.csv", "weight", "half"),
        ("role_weights.csv", "weight", "nan"),
        ("role_weights.csv", "valid_from", "01.02.2025"),
        ("role_weights.csv", "valid_from", "2025-02-30"),
        ("role_weights.csv", "valid_from", "20250201"),
        ("role_weights.csv", "valid_to", "2200-01-01"),
        ("touchpoint_owners.csv", "valid_from", "2025-1-2"),
        ("journeys.csv", "stage_order", "1.5"),
        ("journeys.csv", "is_entry", "yes"),
        ("role_relevance.csv", "relevance", "50%"),
    ],
)
def test_a_value_that_is_not_of_its_columns_type_is_refused_by_file_row_and_column(
    tmp_path: Path, default: Path, name: str, column: str, value: str
) -> None:
    row = dict.fromkeys(COLUMNS[name], "") | {column: value}
    text = ",".join(row) + "\n" + "," * (len(row) - 1) + "\n" + ",".join(f'"{one}"' for one in row.values()) + "\n"
    (default / name).write_text(text)
    with pytest.raises(IngestError, match=f"{name} row 2, column {column}: '{value}' is n"):
        resolve(None, default, tmp_path / "out")


def test_the_last_day_of_the_calendar_means_that_an_interval_is_open(tmp_path: Path, default: Path) -> None:
    (default / "role_weights.csv").write_text(
        "role,account_type,weight,valid_from,valid_to\nr,*,.5,2025-01-01,9999-12-31\n"
    )
    resolve(None, default, tmp_path / "out")
    assert (tmp_path / "out" / "role_weights.csv").read_text().endswith("\nr,*,.5,2025-01-01,\n")
