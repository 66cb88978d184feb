"""The landing zone as a list of files: which exist, which are new, which repeat another file's content.

Belongs here: walking folders, content hashes, comparison with the ledger. Files, never rows.
Does not: what is in a file (reading), the ledger's table (warehouse).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ingest.contracts import Contract

Format = Literal["csv", "jsonl", "parquet"]

ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".jsonl": "jsonl",
    ".jsonl.gz": "jsonl",
    ".parquet": "parquet",
}


class RejectedError(Exception):
    """A landed file can't be read at all; the message is the cause, in one line, without the file's name."""


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
    """

    new: list[tuple[LandedFile, str]] = field(default_factory=list)
    duplicates: list[tuple[LandedFile, str, str]] = field(default_factory=list)
    unreadable: list[tuple[LandedFile, str | None, str]] = field(default_factory=list)

    def reject(self, landed: LandedFile, content_hash: str, cause: str) -> None:
        """Move a new file, and the files that repeat it, to the unreadable ones."""
        repeats = [item for item, repeated, _ in self.duplicates if repeated == content_hash]
        self.new = [item for item in self.new if item[1] != content_hash]
        self.duplicates = [item for item in self.duplicates if item[1] != content_hash]
        self.unreadable += [(item, content_hash, cause) for item in (landed, *repeats)]


def landed_files(landing: Path, contract: Contract) -> Iterator[LandedFile]:
    """Yield the entity's files, sorted by path. A missing folder has no files."""
    top = landing / contract.source / contract.entity
    paths = (Path(folder) / name for folder, _, names in os.walk(top) for name in names)
    for path in sorted(paths):
        ending = next((ending for ending in ENDINGS if path.name.endswith(ending)), None)
        if ending is None or not path.is_file():
            continue
        status = path.stat()
        yield LandedFile(
            path=path,
            file=path.relative_to(landing).as_posix(),
            format=ENDINGS[ending],
            is_gzip=ending.endswith(".gz"),
            bytes=status.st_size,
            modified_ns=status.st_mtime_ns,
        )


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
    for landed, content_hash in zip(unseen, hashes, strict=True):
        if isinstance(content_hash, RejectedError):
            found.unreadable.append((landed, None, str(content_hash)))
        elif (landed.file, content_hash) in by_path:
            continue
        elif content_hash in first_of:
            found.duplicates.append((landed, content_hash, first_of[content_hash]))
        else:
            first_of[content_hash] = landed.file
            found.new.append((landed, content_hash))
    return found


def _content_hash(landed: LandedFile) -> str | RejectedError:
    try:
        landed.file.encode()
        with landed.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except UnicodeEncodeError:
        return RejectedError("its name is not UTF-8")
    except OSError as error:
        return RejectedError(f"can't be opened: {error.strerror}")
