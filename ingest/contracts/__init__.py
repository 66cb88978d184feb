"""The contracts of the landed entities: one Open Data Contract Standard file each, the only list of landed columns.

Belongs here: reading the contract files into plain values. `physicalType` holds the landed type of a column.
Does not: what a landed type means in SQL (rules), the tables that follow from a contract (warehouse).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

import yaml
from open_data_contract_standard.model import CustomProperty, OpenDataContractStandard, SchemaProperty

FOLDER = Path(__file__).parent

TOMBSTONE = "is_deleted"
"""The column by which a record says that its source deleted it."""

PROVENANCE = ("_vendor_file", "_vendor_id")
"""The columns by which a record leads back to the vendor's; they are no part of what it says."""

LandedType = Literal["id", "text", "code", "ts", "date", "money", "number", "int", "bool", "time_zone", "currency"]


@dataclass(frozen=True)
class Column:
    """One landed column. `allowed` is None if any value may occur; a key column is always required."""

    name: str
    type: LandedType
    description: str
    is_key: bool = False
    is_required: bool = False
    is_personal: bool = False
    allowed: tuple[str, ...] | None = None

    @property
    def is_optional_if_deleted(self) -> bool:
        """Whether a row that says its record was deleted may leave the column empty."""
        return not self.is_key and self.name != "updated_at"


@dataclass(frozen=True)
class Contract:
    """One landed entity. `description` says what it holds, `grain` what one record is."""

    source: str
    entity: str
    description: str
    grain: str
    owner: str
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        """The name in the landing zone, such as `crm.accounts`."""
        return f"{self.source}.{self.entity}"

    @property
    def table(self) -> str:
        """The table in schema raw, such as `crm_accounts`."""
        return f"{self.source}_{self.entity}"

    @property
    def keys(self) -> tuple[Column, ...]:
        """The columns that identify a record."""
        return tuple(column for column in self.columns if column.is_key)

    @property
    def has_tombstones(self) -> bool:
        """Whether a record can say that its source deleted it; such a row needs no more than key and updated_at."""
        return any(column.name == TOMBSTONE for column in self.columns)

    def missing(self, names: Collection[str]) -> list[str]:
        """Return the required columns that are not among the names in a file."""
        may_be_tombstones = self.has_tombstones and TOMBSTONE in names
        return [
            column.name
            for column in self.columns
            if column.is_required
            and column.name not in names
            and not (may_be_tombstones and column.is_optional_if_deleted)
        ]

    @property
    def content(self) -> tuple[Column, ...]:
        """The columns that make up what a record says: all but where it came from."""
        return tuple(column for column in self.columns if column.name not in PROVENANCE)

    @property
    def personal(self) -> tuple[Column, ...]:
        """The columns that are stored only in schema vault."""
        return tuple(column for column in self.columns if column.is_personal)


@cache
def load_contracts() -> Mapping[str, Contract]:
    """Return the contracts by name (`crm.accounts`), in loading order. Raises ValueError naming the wrong file."""
    found = sorted(_read(path) for path in FOLDER.glob("*.odcs.yaml"))
    return MappingProxyType({contract.name: contract for _, _, contract in found})


def _read(path: Path) -> tuple[int, str, Contract]:
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        document = OpenDataContractStandard(**yaml.load(path.read_text(encoding="utf-8"), loader))
        (schema,) = document.schema_ or []
        source, entity = str(document.name).split(".")
        contract = Contract(
            source=source,
            entity=entity,
            description=schema.description or "",
            grain=schema.dataGranularityDescription or "",
            owner=_owner(document),
            columns=tuple(_column(column) for column in schema.properties or []),
        )
        order = next(item.value for item in document.customProperties or [] if _is_order(item))
    except (ValueError, TypeError, StopIteration) as error:
        raise ValueError(f"{path.name}: not a contract of a landed entity: {error}") from error
    return int(order or 0), contract.name, contract


def _is_order(item: CustomProperty) -> bool:
    return item.property == "loadingOrder"


def _owner(document: OpenDataContractStandard) -> str:
    team = document.team
    members = team if isinstance(team, list) else (team.members if team else None)
    return next((member.username or "" for member in members or [] if member.role == "owner"), "")


def _column(column: SchemaProperty) -> Column:
    kind = next((kind for kind in get_args(LandedType) if kind == column.physicalType), None)
    if kind is None:
        raise ValueError(
            f"column {column.name}: physicalType {column.physicalType!r} is not one of "
            f"{', '.join(get_args(LandedType))}"
        )
    return Column(
        name=column.name or "",
        type=kind,
        description=column.description or "",
        is_key=bool(column.primaryKey),
        is_required=bool(column.required or column.primaryKey),
        is_personal=column.classification == "personal",
        allowed=tuple(str(item.value) for item in column.enum) if column.enum else None,
    )
