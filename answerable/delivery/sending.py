"""Sending a message to a team's endpoint, through Apprise.

Belongs here: everything that knows Apprise: whether it is installed, addresses, headers, keeping secrets out of logs.
Does not: what is sent, and whether it was sent before. Apprise is imported only when there is something to send.
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
    """A message could not be sent; the error says to whom and why. `is_passing`: it may succeed later."""

    def __init__(self, reason: str, *, is_passing: bool) -> None:
        """Take one line without secrets."""
        super().__init__(reason)
        self.is_passing = is_passing


def check_installed() -> None:
    """Raise DeliveryError if Apprise is not installed."""
    if find_spec("apprise") is None:
        raise DeliveryError(
            "teams.csv has a delivery_url, but Apprise is not installed: pip install 'answerable[delivery]'",
            is_passing=False,
        )


def send(team: TeamDelivery, key: str, subject: str, text: str) -> None:
    """Send a message. It returns once the endpoint has accepted it. Raises DeliveryError."""
    import apprise

    asset = apprise.AppriseAsset(app_id="Answerable", app_desc="Answerable", async_mode=False)
    with _apprise_log() as log:
        endpoint = apprise.Apprise.instantiate(team.url, asset=asset, suppress_exceptions=True)
        if endpoint is None:
            raise DeliveryError(
                f"{team.where} is not an address that Apprise knows: correct delivery_url in teams.csv",
                is_passing=False,
            )
        # Without waiting for the reply, the same message would be sent once more under its key.
        endpoint.socket_read_timeout = max(endpoint.socket_read_timeout, ANSWER_SECONDS)
        if isinstance(headers := getattr(endpoint, "headers", None), dict):
            headers[KEY_HEADER] = key
        courier = apprise.Apprise(asset=asset)
        courier.add(endpoint)
        with _message_id(key):
            is_accepted = courier.notify(body=text, title=subject, body_format=apprise.NotifyFormat.TEXT)
    if not is_accepted:
        status = next((found[1] for line in log if (found := _STATUS.search(line))), None)
        answer = f"answered {status}" if status else "did not accept the message or can't be reached"
        raise DeliveryError(f"{team.where} {answer}", is_passing=True)


@contextmanager
def _apprise_log() -> Iterator[list[str]]:
    """Collect what Apprise logs, which may hold addresses, instead of passing it on."""
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
    """Use the key of a message as its e-mail Message-ID, by which mail servers drop repeats.

    Apprise makes a new Message-ID for each attempt and has no setting for it, so its function is replaced.
    """
    import apprise.plugins.email.base

    names = vars(apprise.plugins.email.base)
    made_by = names["make_msgid"]
    names["make_msgid"] = lambda idstring=None, domain=None: f"<{key}@{domain or 'answerable'}>"
    try:
        yield
    finally:
        names["make_msgid"] = made_by
