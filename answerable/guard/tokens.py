"""Who may ask over HTTP: a file with the name and the SHA-256 of each token.

Belongs here: making a token, whose token it is. Does not: what its owner may ask; everyone may ask the same.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

_MODE, _FOLDER_MODE = 0o600, 0o700
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LINE = re.compile(r"([A-Za-z0-9._-]{1,64}) ([0-9a-f]{64})")
_COMMAND_LINE = "cli"
"""The name under which `check-notice` asks."""


class TokenError(Exception):
    """No token can be made under that name; the message says why."""


class Tokens:
    """The tokens of a file, read anew when it changes."""

    def __init__(self, path: Path) -> None:
        """Take a file that may not be there yet."""
        self._path = path
        self._seen: tuple[int, ...] | None = None
        self._known: tuple[tuple[str, str], ...] = ()

    def known(self) -> tuple[tuple[str, str], ...]:
        """Return name and SHA-256 of each token, nothing where the file can't be read."""
        try:
            found = self._path.stat()
            seen = (found.st_ino, found.st_size, found.st_mtime_ns)
            if seen != self._seen:
                lines = map(_LINE.fullmatch, self._path.read_text(encoding="utf-8").splitlines())
                self._known, self._seen = tuple((line[1], line[2]) for line in lines if line), seen
        except (OSError, UnicodeDecodeError):
            self._known, self._seen = (), None
        return self._known

    def owner(self, token: str) -> str | None:
        """Return whose token it is, none if it is nobody's; takes as long for every token."""
        digest, owner = _digest(token), None
        for name, known in self.known():
            if hmac.compare_digest(digest, known):
                owner = name
        return owner

    def make(self, name: str) -> str:
        """Return a new token, of which the file keeps the hash alone. Raises TokenError if the name can't be used."""
        if not _NAME.fullmatch(name) or name == _COMMAND_LINE:
            raise TokenError(f"1 to 64 letters, digits, dots, dashes or underscores, and not {_COMMAND_LINE}")
        if name in dict(self.known()):
            raise TokenError(f"{name} has a token; remove its line from {self._path} first")
        token = secrets.token_urlsafe(32)
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)
        with os.fdopen(descriptor, "w") as file:
            os.fchmod(descriptor, _MODE)
            file.write(f"{name} {_digest(token)}\n")
        return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
