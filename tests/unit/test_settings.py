"""Settings: defaults, types, and one line that names what is wrong."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from answerable.settings import Settings, SettingsError, unknown_names

KEY = "0f" * 32


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ANSWERABLE_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults_lie_in_the_working_directory(somewhere: Path) -> None:
    settings = Settings.load()

    assert settings.warehouse == somewhere / "data" / "warehouse.duckdb"
    assert settings.landing == somewhere / "data" / "landing"
    assert settings.keep_versions == 3
    assert settings.max_quarantined_share == 0.05


def test_dotenv_is_read_and_the_environment_wins(somewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (somewhere / ".env").write_text("ANSWERABLE_THREADS=5\nANSWERABLE_KEEP_VERSIONS=7\nOTHER=1\n")
    monkeypatch.setenv("ANSWERABLE_THREADS", "6")

    settings = Settings.load()

    assert (settings.threads, settings.keep_versions) == (6, 7)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-06-01T02:00:00+02:00", datetime(2026, 6, 1, tzinfo=UTC)),
        ("2026-06-01T00:00:00", datetime(2026, 6, 1, tzinfo=UTC)),
        ("2026-06-01", datetime(2026, 6, 1, tzinfo=UTC)),
    ],
)
def test_as_of_is_an_instant_in_utc(text: str, instant: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERABLE_AS_OF", text)

    assert Settings.load().as_of == instant


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ANSWERABLE_AS_OF", "yesterday"),
        ("ANSWERABLE_AS_OF", "1780000000"),
        ("ANSWERABLE_THREADS", "many"),
        ("ANSWERABLE_THREADS", "0"),
        ("ANSWERABLE_HOME", "a?b"),
        ("ANSWERABLE_MAX_LINE_BYTES", "long"),
        ("ANSWERABLE_MAX_UNPACKED_RATIO", "0"),
        ("ANSWERABLE_KEEP_VERSIONS", "0"),
        ("ANSWERABLE_MAX_QUARANTINED_SHARE", "5"),
        ("ANSWERABLE_MEMORY_LIMIT", "80%"),
        ("ANSWERABLE_LOCK_TIMEOUT", "-1"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as error:
        Settings.load()

    assert "\n" not in str(error.value)
    assert str(error.value).startswith(f"{name}: ")
    assert repr(value) in str(error.value)


@pytest.mark.parametrize("value", ["correct horse battery staple", "abcdef"])
def test_a_wrong_key_is_named_and_never_shown(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERABLE_HMAC_KEY", value)

    with pytest.raises(SettingsError, match="ANSWERABLE_HMAC_KEY: must be") as error:
        Settings.load()

    assert value not in str(error.value)


def test_a_key_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERABLE_HMAC_KEY", KEY)

    settings = Settings.load()

    assert settings.key() == bytes.fromhex(KEY)
    assert KEY not in f"{settings!r} {settings} {settings.model_dump()}"


def test_the_first_run_makes_a_key_only_its_owner_can_read() -> None:
    settings = Settings.load()

    key = settings.key()

    assert len(key) == 32
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    assert Settings.load().key() == key
    assert [path.name for path in settings.home.iterdir()] == ["hmac.key"]


def test_a_damaged_key_file_is_not_replaced() -> None:
    settings = Settings.load()
    settings.home.mkdir(parents=True)
    settings.key_file.write_text("0f0f\n")

    with pytest.raises(SettingsError, match=r"hmac\.key"):
        settings.key()

    assert settings.key_file.read_text() == "0f0f\n"


def test_a_misspelt_name_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERABLE_HOEM", "/data")

    assert "ANSWERABLE_HOEM" in unknown_names()


@pytest.mark.parametrize(
    "value",
    [
        "mysql://a:hunter2@host/db",
        "postgresql://a:hunter2@host",
        "hunter2",
        "postgresql:a:hunter2@host/db",
        "postgresql://[hunter2/db",
        "postgresql://a:p@hunter2@host/db",
        "postgresql://a:p/hunter2@host/db",
    ],
)
def test_a_wrong_database_url_is_named_and_never_shown(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERABLE_POSTGRES_URL", value)

    with pytest.raises(SettingsError, match=r"^ANSWERABLE_POSTGRES_URL: must look like postgresql://") as error:
        Settings.load()

    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("value", ["postgresql://a:hunter2@host:5432/db", "postgres:///db?host=/run/postgresql"])
def test_a_database_url_is_kept_and_never_shown(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWERABLE_POSTGRES_URL", value)

    settings = Settings.load()

    assert settings.postgres_url is not None
    assert settings.postgres_url.get_secret_value() == value
    assert value not in repr(settings)
    monkeypatch.setenv("ANSWERABLE_POSTGRES_URL", "")
    assert Settings.load().postgres_url is None


def test_every_setting_is_documented_with_its_default() -> None:
    lines = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8").splitlines()
    table = {
        name.strip("` "): default.strip("` ")
        for _, name, default, *_ in (line.split("|") for line in lines if "|" in line)
    }
    defaults = {f"ANSWERABLE_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    assert table.keys() - {"setting", "---"} == defaults.keys()
    for name, default in defaults.items():
        if isinstance(default, float) or type(default) is int:
            assert table[name] == f"{default:g}", name
