"""The settings of one installation: environment variables, or `.env` in the working directory.

Belongs here: names, defaults, types and validation of every setting, and the paths that follow from them.
Does not: what a setting does. Nothing here opens the warehouse or imports an orchestrator.
"""

from __future__ import annotations

import errno
import grp
import hashlib
import os
import re
import secrets
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import ByteSize, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "ANSWERABLE_"
CURRENT = "current"
DATABASE = "answerable.duckdb"
GUARD_DATABASE = "guard.duckdb"
CHECKS = "guard/checks"
TOKENS = "guard/tokens"
MINIMUM_KEY_BYTES = 16
MADE_KEY_BYTES = 32
# Letters of any script, digits, and what paths are made of; anything else may be read as a pattern or a URL.
_TELLING = re.compile(r"[^\w./ -]")


class SettingsError(Exception):
    """A setting is wrong; the message has one line per wrong setting, with its name and never the value of a secret."""


class Settings(BaseSettings):
    """Every setting, validated. Relative paths start at the working directory.

    >>> Settings(home="data").warehouse.name
    'warehouse.duckdb'
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    home: Path = Path("data")
    landing: Path = Path("data/landing")
    programme: Path | None = None
    connections: Path | None = None
    as_of: datetime = Field(default_factory=lambda: datetime.now(UTC))
    hmac_key: SecretStr | None = None
    postgres_url: SecretStr | None = None
    max_quarantined_share: Annotated[float, Field(ge=0, le=1)] = 0.05
    keep_versions: Annotated[int, Field(ge=1)] = 3
    memory_limit: Annotated[str, Field(pattern=r"^\d+(\.\d+)? ?([KMGT]i?B)$")] = "2.5GiB"
    threads: Annotated[int, Field(ge=1, le=256)] = 2
    delivery_days: Annotated[float, Field(gt=0, le=366)] = 14
    lock_timeout: Annotated[float, Field(ge=0)] = 600
    max_columns: Annotated[int, Field(ge=1)] = 2_000
    max_json_depth: Annotated[int, Field(ge=1)] = 1_000
    max_line_bytes: ByteSize = ByteSize(256 * 1024**2)
    max_unpacked_ratio: Annotated[float, Field(ge=1)] = 50
    readers_group: str | None = None
    guard_max_age_hours: Annotated[float, Field(gt=0)] = 36
    guard_hosts: Annotated[str, Field(pattern=r"^[A-Za-z0-9.,_ -]*$")] = ""

    @field_validator("home", "landing", "programme", "connections")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value and value.expanduser().absolute()

    @field_validator("home")
    @classmethod
    def _takes_a_database(cls, value: Path) -> Path:
        # DuckDB resolves links, takes what follows a question mark for parameters and looks for its log elsewhere.
        if "?" in str(value.resolve()):
            raise ValueError("DuckDB keeps no database below a folder with a question mark in its name")
        return value

    @field_validator("programme", "connections", "postgres_url", "readers_group", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: Any) -> Any:
        return value or None

    @field_validator("as_of", mode="before")
    @classmethod
    def _full_instant(cls, value: Any) -> Any:
        if isinstance(value, str) and value.replace(".", "", 1).isdigit():
            raise ValueError("must be an instant such as 2026-01-31T00:00:00Z")
        return value

    @field_validator("as_of")
    @classmethod
    def _utc(cls, value: datetime) -> datetime:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    @field_validator("readers_group")
    @classmethod
    def _known_group(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                grp.getgrnam(value)
            except KeyError:
                raise ValueError("no group of this machine") from None
        return value

    @field_validator("hmac_key")
    @classmethod
    def _hex_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _key_bytes(value.get_secret_value())
        return value

    @field_validator("postgres_url")
    @classmethod
    def _database_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _check_database_url(value.get_secret_value())
        return value

    @property
    def warehouse(self) -> Path:
        """The DuckDB file of the warehouse, which only one process at a time may open."""
        return self.home / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The directory of published versions, with the link `current`."""
        return self.home / "published"

    @property
    def published_database(self) -> Path:
        """The DuckDB file of the current version, which BI tools open."""
        return self.published / CURRENT / DATABASE

    @property
    def reports(self) -> Path:
        """The directory of pages about the data (`data_docs`)."""
        return self.home / "reports"

    @property
    def dagster_home(self) -> Path:
        """The directory of Dagster's instance."""
        return self.home / "dagster"

    @property
    def dbt_home(self) -> Path:
        """The directory of dbt's compiled SQL and logs."""
        return self.home / "dbt"

    @property
    def key_file(self) -> Path:
        """The file with the key of the keyed hash, unless a setting holds the key."""
        return self.home / "hmac.key"

    @property
    def guard_tokens(self) -> Path:
        """The file with the hashes of the tokens that may ask the guard."""
        return self.home / TOKENS

    @property
    def guard_host_names(self) -> frozenset[str]:
        """The names that the guard answers to beside those of this machine, in lower case."""
        return frozenset(name.strip().lower() for name in self.guard_hosts.split(",") if name.strip())

    @property
    def duckdb(self) -> dict[str, str | int]:
        """The settings of every DuckDB session that works on much data."""
        return {"threads": self.threads, "memory_limit": self.memory_limit}

    def key(self) -> bytes:
        """Return the key of the keyed hash; the first call without a setting makes one in `key_file` (mode 600).

        Raises SettingsError if the file holds no such key.
        """
        if self.hmac_key is not None:
            return _key_bytes(self.hmac_key.get_secret_value())
        if not self.key_file.exists():
            _write_key(self.key_file, secrets.token_hex(MADE_KEY_BYTES))
        try:
            return _key_bytes(self.key_file.read_text().strip())
        except ValueError as error:
            raise SettingsError(
                f"{self.key_file}: {error}; restore it from a copy, because every contact_key depends on it"
            ) from None

    @classmethod
    def load(cls) -> Self:
        """Read the settings. Raises SettingsError with one line per wrong setting and no value that may be secret."""
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError("\n".join(_line(problem) for problem in error.errors())) from None
        except OSError as error:
            raise SettingsError(f".env: {error.strerror}") from None


def plainly_named(directory: Path) -> Path:
    """Return the directory, or a link to it where its path says something else to a library, such as a pattern.

    Makes both if they are missing. Raises OSError if something is in the way of the link.
    """
    if not _TELLING.search(str(directory)):
        return directory
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    link = Path(tempfile.gettempdir()) / f"answerable-{os.getuid()}-{name}"
    with suppress(FileExistsError):
        link.symlink_to(directory, target_is_directory=True)
    if not link.is_symlink() or link.lstat().st_uid != os.getuid() or link.readlink() != directory:
        raise OSError(errno.EEXIST, "in the way of a link to a folder of this installation; remove it", str(link))
    return link


def unknown_names() -> list[str]:
    """Return the names in the environment that look like settings but are none, sorted."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {f"{PREFIX}SEEDS"}
    return sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)


def _key_bytes(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise ValueError("must be hexadecimal digits") from None
    if len(key) < MINIMUM_KEY_BYTES:
        raise ValueError(f"must be at least {MINIMUM_KEY_BYTES} bytes ({2 * MINIMUM_KEY_BYTES} hexadecimal digits)")
    return key


def _check_database_url(text: str) -> None:
    """Refuse a URL without a database, or one the driver would split inside the password and then show in an error."""
    wrong = ValueError(
        "must look like postgresql://user:password@host:5432/database, with @ written as %40 and / as %2F in a password"
    )
    try:
        parts = urlsplit(text)
    except ValueError:
        raise wrong from None
    names_database = text.startswith(("postgresql://", "postgres://")) and bool(parts.path.strip("/"))
    if not names_database or parts.netloc.count("@") > 1 or "@" in parts.path:
        raise wrong


def _write_key(path: Path, text: str) -> None:
    """Write the key whole or not at all: a partial key would orphan every contact."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(partial, path)
    except FileExistsError:
        pass  # another process was first; its key counts
    finally:
        partial.unlink()


def _line(problem: Any) -> str:
    name = PREFIX + str(problem["loc"][0]).upper() if problem["loc"] else "settings"
    is_secret = name in (f"{PREFIX}HMAC_KEY", f"{PREFIX}POSTGRES_URL")
    found = "" if is_secret else f" (found {str(problem['input'])[:60]!r})"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{name}: {message[:1].lower()}{message[1:]}{found}"
