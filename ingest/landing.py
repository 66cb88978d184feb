"""The landing zone as a list of files: which exist, which no contract reads, which are new or repeat another one.

Belongs here: walking folders, content hashes, comparison with the ledger, waiting for a file that is being written.
Files, never rows. Does not: what is in a file (reading), the ledger's table (warehouse).
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from ingest import IngestError
from ingest.contracts import Contract, load_contracts

Format = Literal["csv", "jsonl", "parquet"]

ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".jsonl": "jsonl",
    ".jsonl.gz": "jsonl",
    ".parquet": "parquet",
}

SETTLED_SECONDS = 2
"""A file that changed less than this long ago may still be being written."""

_REMEDIES = {
    ".json": "one object per line, as .jsonl, is read",
    ".ndjson": "name it .jsonl",
    ".tsv": "save it with commas, as .csv",
    ".txt": "save it with commas, as .csv",
    ".xls": "save it as CSV UTF-8",
    ".xlsx": "save it as CSV UTF-8",
    ".zip": "unpack it, or pack one file as .gz",
}


class RejectedError(Exception):
    """A landed file can't be read at all; the message is the cause, in one line, without the file's name."""


class ChangedError(Exception):
    """A landed file is no longer what it was when the walk found it."""


@dataclass(frozen=True)
class LandedFile:
    """One file of one entity. `file` is its path under the landing zone, `modified_ns` nanoseconds since 1970."""

    path: Path
    file: str
    format: Format
    is_gzip: bool
    bytes: int
    modified_ns: int


@dataclass(frozen=True)
class IgnoredFile:
    """What lies in the landing zone and no contract reads. `source` and `entity` are None outside their folders."""

    file: str
    source: str | None
    entity: str | None
    bytes: int
    modified_ns: int
    reason: str


@dataclass(frozen=True)
class Found:
    """All that lies in a landing zone: the files of each entity, by name and sorted by path, and what nobody reads."""

    files: Mapping[str, list[LandedFile]]
    ignored: list[IgnoredFile]


@dataclass(frozen=True)
class KnownFile:
    """What the ledger knows about a file that was loaded or found to be a duplicate."""

    file: str
    content_hash: str
    bytes: int
    modified_ns: int
    is_loaded: bool


@dataclass
class Arrivals:
    """The files a walk found. Every file has its content hash, except perhaps an unreadable one.

    new: files to load. duplicates: files with the file they repeat. unreadable: files with the cause.
    unsettled: files that still change, left to the next load.
    """

    new: list[tuple[LandedFile, str]] = field(default_factory=list)
    duplicates: list[tuple[LandedFile, str, str]] = field(default_factory=list)
    unreadable: list[tuple[LandedFile, str | None, str]] = field(default_factory=list)
    unsettled: list[LandedFile] = field(default_factory=list)

    def reject(self, landed: LandedFile, content_hash: str, cause: str) -> None:
        """Move a new file, and the files that repeat it, to the unreadable ones."""
        self.unreadable += [(item, content_hash, cause) for item in (landed, *self._take(content_hash))]

    def leave(self, landed: LandedFile, content_hash: str) -> list[LandedFile]:
        """Drop a new file that changed, and the files that repeat what it was; return them."""
        return [landed, *self._take(content_hash)]

    def add(self, later: Arrivals, unsettled: list[LandedFile]) -> None:
        """Add what became of files that were dropped because they changed, and those that still do."""
        self.new += later.new
        self.duplicates += later.duplicates
        self.unreadable += later.unreadable
        self.unsettled += [*later.unsettled, *unsettled]

    def _take(self, content_hash: str) -> list[LandedFile]:
        """Drop a new file and return the files that repeat it, dropped as well."""
        repeats = [item for item, repeated, _ in self.duplicates if repeated == content_hash]
        self.new = [item for item in self.new if item[1] != content_hash]
        self.duplicates = [item for item in self.duplicates if item[1] != content_hash]
        return repeats


def survey(landing: Path) -> Found:
    """Find every file of the landing zone; links are not followed. Raises IngestError where it is no folder."""
    contracts = {(contract.source, contract.entity): contract for contract in load_contracts().values()}
    files: dict[str, list[LandedFile]] = {contract.name: [] for contract in contracts.values()}
    ignored = []
    for parts, entry, cause in _walk(landing):
        contract = contracts.get((_matched(parts[0]), _matched(parts[1]))) if len(parts) > 2 else None
        ending = next((ending for ending in ENDINGS if _matched(parts[-1]).endswith(ending)), None)
        cause = cause or _ignored_because(parts, contract, ending)
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue  # taken away since
        if contract is not None and ending is not None and cause is None:
            files[contract.name].append(
                LandedFile(
                    path=Path(entry.path),
                    file="/".join(parts),
                    format=ENDINGS[ending],
                    is_gzip=ending.endswith(".gz"),
                    bytes=status.st_size,
                    modified_ns=status.st_mtime_ns,
                )
            )
        else:
            source, entity = (contract.source, contract.entity) if contract else (None, None)
            ignored.append(
                IgnoredFile("/".join(parts), source, entity, status.st_size, status.st_mtime_ns, cause or "")
            )
    return Found(files, ignored)


def require_folder(landing: Path) -> None:
    """Raise IngestError where the landing zone is no folder."""
    if not landing.is_dir():
        found = "is no folder" if landing.exists() else "does not exist"
        raise IngestError(f"landing zone {landing} {found}: create it, or change ANSWERABLE_LANDING")


def _walk(landing: Path) -> Iterator[tuple[tuple[str, ...], os.DirEntry[str], str | None]]:
    """Yield what is no folder, sorted by path: the parts of its path, the entry, why nothing can read it."""
    require_folder(landing)
    found: list[tuple[tuple[str, ...], os.DirEntry[str], str | None]] = []
    folders: list[tuple[tuple[str, ...], str, os.DirEntry[str] | None]] = [((), os.fspath(landing), None)]
    while folders:
        above, path, folder = folders.pop()
        try:
            entries = list(os.scandir(path))
        except OSError as error:
            if folder is None:
                raise IngestError(f"landing zone {landing} can't be read: {error.strerror}; check its mode") from error
            found.append((above, folder, f"a folder that can't be opened: {error.strerror}"))
            continue
        for entry in entries:
            parts = (*above, entry.name)
            if entry.is_symlink():
                found.append((parts, entry, "a link: links are not followed; land the file itself"))
            elif entry.is_dir():
                folders.append((parts, entry.path, entry))
            else:
                found.append((parts, entry, None if entry.is_file() else "no regular file"))
    yield from sorted(found, key=lambda item: item[0])


def _matched(name: str) -> str:
    """Return the name as it is compared: whatever its case and the blanks around it."""
    return name.strip().lower()


def _ignored_because(parts: tuple[str, ...], contract: Contract | None, ending: str | None) -> str | None:
    """Return why no contract reads a file, with the remedy, or None."""
    folders = [f"{contract.source}/{contract.entity}" for contract in load_contracts().values()]
    if len(parts) < 3:
        return "not in the folder of an entity, such as crm/accounts"
    if contract is None:
        near = get_close_matches("/".join(map(_matched, parts[:2])), folders, n=1)
        return "no contract reads its folder" + (f"; is it {near[0]}?" if near else "")
    if ending is None:
        remedy = _REMEDIES.get(Path(_matched(parts[-1])).suffix)
        return f"its name ends in none of {', '.join(ENDINGS)}" + (f": {remedy}" if remedy else "")
    return None


def arrivals(files: Iterable[LandedFile], known: Iterable[KnownFile]) -> Arrivals:
    """Compare files with the ledger. Known content goes by its first file's name; unchanged known files are left out.

    A file whose path, size and time are known is not read again, because landed files are immutable.
    """
    known = list(known)
    seen = {(entry.file, entry.bytes, entry.modified_ns) for entry in known}
    by_path = {(entry.file, entry.content_hash) for entry in known}
    first_of = {entry.content_hash: entry.file for entry in known if entry.is_loaded}
    unseen = [landed for landed in files if (landed.file, landed.bytes, landed.modified_ns) not in seen]
    found = Arrivals()
    with ThreadPoolExecutor() as pool:
        hashes = list(pool.map(_content_hash, unseen))
    for seen_as, hashed in zip(unseen, hashes, strict=True):
        landed, content_hash = seen_as, hashed
        if is_young(landed) or isinstance(content_hash, ChangedError):
            later = settled(landed)
            if later is None:
                found.unsettled.append(landed)
                continue
            landed, content_hash = later, _content_hash(later)
        if isinstance(content_hash, ChangedError):
            found.unsettled.append(landed)
        elif isinstance(content_hash, RejectedError):
            found.unreadable.append((landed, None, str(content_hash)))
        elif (landed.file, content_hash) in by_path:
            continue
        elif content_hash in first_of:
            found.duplicates.append((landed, content_hash, first_of[content_hash]))
        else:
            first_of[content_hash] = landed.file
            found.new.append((landed, content_hash))
    return found


def is_young(landed: LandedFile) -> bool:
    """Return whether a file may still be being written; one from the future is old."""
    return 0 <= time.time() - landed.modified_ns / 1e9 < SETTLED_SECONDS


def settled(landed: LandedFile) -> LandedFile | None:
    """Wait until a file is two seconds old and return it as it is then, or None if it changed again meanwhile."""
    before = refreshed(landed)
    if before is not None and is_young(before):
        time.sleep(max(0, SETTLED_SECONDS - (time.time() - before.modified_ns / 1e9)))
    after = refreshed(landed)
    return after if after == before else None


def check_unchanged(landed: LandedFile) -> None:
    """Raise ChangedError if a file is not what it was when the walk found it."""
    if refreshed(landed) != landed:
        raise ChangedError


def refreshed(landed: LandedFile) -> LandedFile | None:
    """Return a file as it is now, None where it is gone."""
    try:
        status = landed.path.lstat()
    except OSError:
        return None
    return replace(landed, bytes=status.st_size, modified_ns=status.st_mtime_ns)


def _content_hash(landed: LandedFile) -> str | RejectedError | ChangedError:
    try:
        landed.file.encode()
        descriptor = os.open(landed.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            status = os.fstat(descriptor)
    except UnicodeEncodeError:
        return RejectedError("its name is not UTF-8")
    except OSError as error:
        return RejectedError(f"can't be opened: {error.strerror}")
    is_same = (status.st_size, status.st_mtime_ns) == (landed.bytes, landed.modified_ns)
    return found if is_same else ChangedError()
