"""Handing a message to a team's endpoint, through Apprise.

Belongs here: everything that knows Apprise: whether it is there, addresses, headers, keeping secrets out of logs.
Does not: what is sent, and whether it was sent before. Apprise is imported when there is something to send.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from ingest.team_delivery import TeamDelivery

KEY_HEADER = "Idempotency-Key"
ANSWER_SECONDS = 30.0

_STATUS = re.compile(r"error=(\d{3})\b")


class DeliveryError(Exception):
    """A message could not be handed over; the message says to whom and why. `is_passing`: it may succeed later."""

    def __init__(self, reason: str, *, is_passing: bool) -> None:
        """Take one line without secrets."""
        super().__init__(reason)
        self.is_passing = is_passing


def check_installed() -> None:
    """Raise DeliveryError if Apprise is not installed."""
    if find_spec("apprise") is None:
        raise DeliveryError(
            "teams.csv has a delivery_url and Apprise is not installed: pip install 'answerable[delivery]'",
            is_passing=False,
        )


def send(team: TeamDelivery, key: str, subject: str, text: str) -> None:
    """Hand a message over; returning means that the endpoint accepted it. Raises DeliveryError."""
    import apprise

    asset = apprise.AppriseAsset(app_id="Answerable", app_desc="Answerable", async_mode=False)
    with _told_by_apprise() as told:
        endpoint = apprise.Apprise.instantiate(team.url, asset=asset, suppress_exceptions=True)
        if endpoint is None:
            raise DeliveryError(
                f"{team.where} is no address that Apprise knows: correct delivery_url in teams.csv", is_passing=False
            )
        # an answer that is not waited for is one more message under the same key
        endpoint.socket_read_timeout = max(endpoint.socket_read_timeout, ANSWER_SECONDS)
        if isinstance(headers := getattr(endpoint, "headers", None), dict):
            headers[KEY_HEADER] = key
        courier = apprise.Apprise(asset=asset)
        courier.add(endpoint)
        with _message_id(key):
            is_accepted = courier.notify(body=text, title=subject, body_format=apprise.NotifyFormat.TEXT)
    if not is_accepted:
        status = next((found[1] for line in told if (found := _STATUS.search(line))), None)
        answer = f"answered {status}" if status else "did not accept it or can't be reached"
        raise DeliveryError(f"{team.where} {answer}", is_passing=True)


@contextmanager
def _told_by_apprise() -> Iterator[list[str]]:
    """Keep what Apprise logs, addresses perhaps among it, to ourselves."""
    lines: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("apprise")
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated


@contextmanager
def _message_id(key: str) -> Iterator[None]:
    """Let an e-mail's Message-ID be the key of its message, by which mail servers drop repeated ones.

    Apprise makes a new one for each attempt and has no setting for it, so the function that makes it is replaced.
    """
    import apprise.plugins.email.base

    names = vars(apprise.plugins.email.base)
    made_by = names["make_msgid"]
    names["make_msgid"] = lambda idstring=None, domain=None: f"<{key}@{domain or 'answerable'}>"
    try:
        yield
    finally:
        names["make_msgid"] = made_by
