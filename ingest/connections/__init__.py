"""Connections: what a client's own systems export → landed records, before the door.

Belongs here: reading `connections.yml` and `connector.yml`, typed; errors that name file and key, never a secret.
Does not: reading what a vendor exports (reading), what a landed record must be (contracts, and the door alone), when
anything runs (orchestration). Nothing in this package opens the warehouse or reads raw.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from ingest import IngestError
from ingest.contracts import Contract, load_contracts

CONNECTORS = Path(__file__).parent / "connectors"
"""The folders of the connectors that come with this package."""

ENV = "env:"

Kind = Literal["text", "ts", "date", "money", "number", "bool", "sfid"]
Scalar = str | int | float | bool | None

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VARIABLE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")
_SECRET_VALUE = re.compile(
    r"(sk|rk|pk)_(live|test)_\w|^xox\w-|^Bearer\s|^eyJ[\w-]{10,}\.|://[^/\s@]*:[^/\s@]+@|^[A-Za-z0-9+]{40,}={0,2}$"
)
_SECRET_KEY = re.compile(r"password|secret|token|api_?key|credential", re.IGNORECASE)


class ConfigurationError(IngestError):
    """A file of the configuration is wrong: one line that names file and key."""


class ConnectionFailedError(IngestError):
    """A connection lands nothing, for the reason given in one line. `is_passing`: it may work a little later."""

    def __init__(self, line: str, *, is_passing: bool = False) -> None:
        """Take the line, and whether trying again may help."""
        super().__init__(line)
        self.is_passing = is_passing


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _as_column(value: Any) -> Any:
    """A column is written as nothing, a type, a list of other names, or in full."""
    if value is None:
        return {}
    if isinstance(value, str):
        return {"type": value}
    return {"from": value} if isinstance(value, list) else value


Model = TypeVar("Model", bound=_Strict)


class VendorColumn(_Strict):
    """One column of a vendor's table: how its texts are read, and the names it goes by besides its own."""

    type: Kind = "text"
    names: tuple[str, ...] = Field((), alias="from")


class Wide(_Strict):
    """A survey export with a column per question. `key`: the column of the response's id."""

    key: str


class VendorTable(_Strict):
    """One table of a vendor. `lost` says what is missing without it; `key` names what identifies a row."""

    names: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    columns: dict[str, Annotated[VendorColumn, BeforeValidator(_as_column)]] = {}
    lost: str | None = None
    wide: Wide | None = None
    any_file: bool = False


class Map(_Strict):
    """Values that need a code. `values`: SQL of a column `value`; `to`: what the codes must be among, if a list is.

    `pairs` names the map's values that open and close one journey: suffixes of its kinds.
    """

    values: str
    to: str | None = None
    needs: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


class Connector(_Strict):
    """A vendor: its tables, and the maps that a client completes. The SQL files beside `connector.yml` do the rest."""

    title: str
    prefixes: tuple[str, ...] = ()
    headers: Literal["one", "qualtrics", "surveymonkey"] = "one"
    settings: dict[str, Scalar] = {}
    tables: dict[str, VendorTable] | Literal["contracts"] = {}
    maps: dict[str, Map] = {}
    export: str = ""
    folder: Path = Path()

    @property
    def vendor_tables(self) -> Mapping[str, VendorTable]:
        """The tables by name; those of the generic connector are the contracts' own."""
        if isinstance(self.tables, dict):
            return self.tables
        return {name: _table_of(contract) for name, contract in load_contracts().items()}

    @property
    def has_parties(self) -> bool:
        """Whether it has customers that must be linked to accounts."""
        return (self.folder / "parties.sql").exists()

    def sql(self) -> Iterator[tuple[str, str, str]]:
        """Yield entity, name and SQL of each of its queries, sorted by name."""
        for path in sorted(self.folder.glob("*.*.sql")):
            source, entity = path.name.split(".")[:2]
            name = f"{source}.{entity}"
            if name not in load_contracts():
                known = ", ".join(load_contracts())
                raise ConfigurationError(f"{path}: there is no entity {name}; choose one of {known}")
            yield name, path.name, path.read_text(encoding="utf-8")
        if self.tables == "contracts":
            for name, contract in load_contracts().items():
                yield name, f"{name}.sql", _copy_of(contract)


class Connection(_Strict):
    """One system of the client. `source`: a folder, `file.duckdb#schema`, or `env:URL#schema` of PostgreSQL."""

    connector: str
    source: str = Field(alias="from")
    columns: dict[str, str] = {}
    tables: dict[str, str] = {}
    settings: dict[str, Scalar] = {}
    dates: Literal["dmy", "mdy"] | None = None
    time_zone: str = "UTC"
    unlinked: Literal["unknown", "create"] = "unknown"
    complete: bool | None = None
    allow_vanishing: bool = False
    strict: bool = False

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("must be an IANA time zone such as Europe/Paris") from None
        return value

    @field_validator("columns")
    @classmethod
    def _of_a_table(cls, value: dict[str, str]) -> dict[str, str]:
        for key in value:
            if "." not in key:
                raise ValueError(f"{key}: write table.column, such as account.annual_value")
        return value

    @field_validator("source")
    @classmethod
    def _is_there_a_variable(cls, value: str) -> str:
        if value.startswith(ENV) and not _VARIABLE.fullmatch(value.partition("#")[0]):
            raise ValueError("name a variable, as env:NAME#schema")
        return value

    @model_validator(mode="before")
    @classmethod
    def _no_secret(cls, value: Any) -> Any:
        for path, text in _texts(value):
            names_a_name = path[:1] in (("columns",), ("tables",))
            is_named = not names_a_name and path and _SECRET_KEY.search(path[-1]) and not text.startswith(ENV)
            if is_named or _SECRET_VALUE.search(text):
                raise ValueError(f"{'.'.join(path)}: looks like a secret; put it in a variable and write env:NAME")
        return value

    @property
    def is_database(self) -> bool:
        """Whether its tables lie in a database, which is complete."""
        return self.source.startswith(ENV) or ".duckdb" in self.source

    @property
    def is_complete(self) -> bool:
        """Whether a record that is not there any more is gone."""
        return self.is_database if self.complete is None else self.complete


class Configuration(_Strict):
    """A `connections.yml`: its connections in their order, and the maps and links that lie beside it."""

    path: Path
    connections: dict[str, Connection]
    connectors: dict[str, Connector]

    @property
    def folder(self) -> Path:
        """The folder of the file, where relative paths start."""
        return self.path.parent

    def chosen(self, name: str | None) -> dict[str, Connection]:
        """Return the connections to work on. Raises ConfigurationError if there is none of that name."""
        if name is None:
            return self.connections
        if name not in self.connections:
            known = ", ".join(self.connections)
            raise ConfigurationError(f"{self.path}: no connection {name}; choose one of {known}")
        return {name: self.connections[name]}

    def connector_of(self, name: str) -> Connector:
        """Return the connector of a connection."""
        return self.connectors[self.connections[name].connector]


def read(path: Path) -> Configuration:
    """Read `connections.yml` and the connectors it names. Raises ConfigurationError."""
    document = _yaml(path)
    if not isinstance(document, dict) or set(document) != {"connections"} or not document["connections"]:
        raise ConfigurationError(f"{path}: must be a list under the one key connections")
    connections: dict[str, Connection] = {}
    connectors: dict[str, Connector] = {}
    for name, entry in document["connections"].items():
        if not _NAME.fullmatch(str(name)):
            raise ConfigurationError(f"{path}: connections.{name}: a name has lower-case letters, digits and _")
        connections[name] = _checked(Connection, entry or {}, f"{path}: connections.{name}")
        kind = connections[name].connector
        connectors.setdefault(kind, read_connector(path.parent, kind, path))
    return Configuration(path=path, connections=connections, connectors=connectors)


def read_connector(base: Path, name: str, path: Path | None = None) -> Connector:
    """Read a connector: one of this package by its name, or the client's own by its folder, such as `./my_crm`."""
    folder = base / name if "/" in name else CONNECTORS / name
    if not (folder / "connector.yml").is_file():
        where = f"{path}: " if path else ""
        raise ConfigurationError(
            f"{where}no connector {name}; choose one of {', '.join(connector_names())}, or a folder of your own "
            "with a connector.yml, such as ./my_crm"
        )
    document = _yaml(folder / "connector.yml")
    found = _checked(Connector, {**(document if isinstance(document, dict) else {}), "folder": folder}, str(folder))
    for table, specification in found.vendor_tables.items():
        for column in specification.key:
            if column not in specification.columns:
                raise ConfigurationError(f"{folder}: tables.{table}.key: no column {column}")
    return found


def connector_names() -> list[str]:
    """Return the names of the connectors of this package, sorted."""
    return sorted(folder.parent.name for folder in CONNECTORS.glob("*/connector.yml"))


def variable(reference: str, what: str) -> str:
    """Return the value of `env:NAME`. Raises ConnectionFailedError that names it where it is not set."""
    name = reference.removeprefix(ENV)
    value = os.environ.get(name)
    if not value:
        raise ConnectionFailedError(f"{what}: the variable {name} is not set")
    return value


def fingerprint(*parts: object) -> str:
    """Return eight hexadecimal digits that follow from the parts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:8]


def squeeze(name: str) -> str:
    """Return a name as names are compared: lower case, letters and digits alone.

    >>> squeeze("Account ID") == squeeze("account_id") == squeeze("AccountId")
    True
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigurationError(f"{path}{line}: {getattr(error, 'problem', None) or 'not YAML in UTF-8'}") from None


class _Loader(yaml.SafeLoader):
    """Reads YAML in which no key stands twice."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    for key in keys:
        if keys.count(key) > 1:
            raise yaml.MarkedYAMLError(problem=f"{key} stands twice", problem_mark=node.start_mark)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _checked(model: type[Model], values: Any, where: str) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]
        key = "".join(f".{part}" for part in problem["loc"])
        message = str(problem["msg"]).removeprefix("Value error, ")
        raise ConfigurationError(f"{where}{key}: {message[:1].lower()}{message[1:]}") from None


def _texts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, str(key)))
    elif isinstance(value, str):
        yield path, value


_KINDS: Mapping[str, Kind] = {"ts": "ts", "date": "date", "money": "money", "bool": "bool", "number": "number"}
_MAPPED = {
    **{name: name for name in ("role", "touchpoint", "account_type", "measure")},
    **dict.fromkeys(("handled_by_team", "sent_by_team", "team_id"), "team"),
}
"""The map of each column that holds a code."""


def _table_of(contract: Contract) -> VendorTable:
    columns = {
        column.name: VendorColumn.model_validate({"type": _KINDS.get(column.type, "text")})
        for column in contract.content
    }
    return VendorTable(
        names=(contract.table, contract.entity), key=tuple(key.name for key in contract.keys), columns=columns
    )


def _copy_of(contract: Contract) -> str:
    """Return the SQL that passes on a table that already has the contract's columns; codes go through the maps."""
    taken = (
        f"coded('{_MAPPED[name]}', {name}) as {name}" if name in _MAPPED else name
        for name in (column.name for column in contract.content)
    )
    columns = ", ".join([*taken, "_vendor_file", "_vendor_id"])
    return f'-- needs: "{contract.name}"\nselect {columns} from "{contract.name}"'
