"""The guard over HTTP, on this machine alone: `POST /v1/checks`, `GET /v1/health`, `GET /v1/openapi.json`.

Belongs here: who may ask, reading a question, status codes, the log. Does not: answering (`audit.recorded`), TLS
and names, which are the proxy's.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import duckdb
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from answerable.guard import age, openapi
from answerable.guard.answers import Kept, Question, QuestionError, as_json
from answerable.guard.audit import is_writable, recorded
from answerable.guard.tokens import Tokens
from answerable.settings import CHECKS, Settings

ADDRESS = "127.0.0.1"
LARGEST_BODY = 256 * 1024
SECONDS_TO_SEND = 10
_LOOPBACK = {ADDRESS, "localhost", "[::1]"}
_THREADS = 4
_FIELDS = {field.name for field in fields(Question)}
_CODES = {404: "not_found", 405: "method_not_allowed"}
_MESSAGES = {404: "no such path; see /v1/openapi.json", 405: "not by this method; see /v1/openapi.json"}


class RefusedError(Exception):
    """A request is not answered; it becomes a status and one line."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        """Say why, and for a question which field is wrong; no text of the caller but the name of a field."""
        super().__init__(message)
        self.status, self.code, self.message, self.field = status, code, message, field


def serve(settings: Settings, port: int) -> None:
    """Answer until interrupted."""
    uvicorn.run(
        application(settings),
        host=ADDRESS,
        port=port,
        access_log=False,
        log_config=None,
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
    )


def application(settings: Settings) -> Starlette:
    """Return the guard of one installation."""
    guard = _Guard(settings)
    return Starlette(
        routes=[
            Route("/v1/checks", guard.check, methods=["POST"]),
            Route("/v1/health", guard.health, methods=["GET"]),
            Route("/v1/openapi.json", guard.describe, methods=["GET"]),
        ],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=guard.watched)],
        exception_handlers={HTTPException: _by_starlette, RefusedError: _refused},
    )


class _Guard:
    """The three paths; no state but the tokens, and the version that each thread has open."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tokens = Tokens(settings.guard_tokens)
        self._hosts = _LOOPBACK | settings.guard_host_names
        self._kept = Kept()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="guard")

    async def watched(self, request: Request, further: Callable[[Request], Awaitable[Response]]) -> Response:
        """Refuse foreign hosts, let no fault out, log what may be known of a request."""
        started = time.monotonic()
        request.state.client = request.state.check_id = None
        if _host(request) not in self._hosts:
            response = _error(RefusedError(400, "host_refused", "not a name of this guard", "Host"))
        else:
            try:
                response = await further(request)
            except Exception as error:
                # its message may hold the text of a notice
                print(f"failed {type(error).__name__}", file=sys.stderr, flush=True)
                response = _error(RefusedError(500, "failed", "not answered: don't send, ask a person"))
        response.headers["Cache-Control"] = "no-store"
        took = f"{(time.monotonic() - started) * 1000:.1f}"
        known = (request.method, response.status_code, took, request.state.client, request.state.check_id)
        print(*("-" if value is None else value for value in known), file=sys.stderr, flush=True)
        return response

    async def check(self, request: Request) -> Response:
        """Answer a question, once the answer is written down."""
        client = request.state.client = self._client(request)
        question = asked(await _body(request))
        try:
            found = await self._aside(lambda: recorded(question, self._now(), client, self._kept))
        except QuestionError as error:
            raise RefusedError(400, "wrong_question", str(error), error.field) from None
        request.state.check_id = found["check_id"]
        return Response(as_json(found), media_type="application/json")

    async def health(self, request: Request) -> Response:
        """Say whether it can answer and write down what it answers."""
        found, is_fine = await self._aside(self._health)
        return Response(as_json(found), 200 if is_fine else 503, media_type="application/json")

    async def describe(self, request: Request) -> Response:
        """Describe the other two."""
        return Response(as_json(openapi.DESCRIPTION), media_type="application/json")

    def _health(self) -> tuple[dict[str, Any], bool]:
        settings = self._now()
        found: dict[str, Any] = {"version": None, "as_of": None, "age_hours": None, "is_stale": None}
        try:
            if (opened := self._kept.current(settings.published)) is not None:
                aged = age.read(opened.marts, opened.version, settings)
                hours = {
                    name: None if at is None else round(max((aged.now - at).total_seconds(), 0) / 3600, 2)
                    for name, at in aged.taken_in_at.items()
                }
                found = {"version": opened.version, "as_of": aged.as_of, "age_hours": hours, "is_stale": aged.is_stale}
        except (OSError, duckdb.Error):
            pass  # no version can be read, which is what it says
        can_record = is_writable(settings)
        if not can_record:
            print(f"no check can be written below {settings.home / CHECKS}", file=sys.stderr, flush=True)
        return found, can_record and found["is_stale"] is False

    def _client(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        owner = self._tokens.owner(token.strip())
        if scheme.lower() != "bearer" or owner is None:
            raise RefusedError(401, "no_token", "Authorization: Bearer with a token of this guard", "Authorization")
        return owner

    def _now(self) -> Settings:
        """Return the settings by the clock of this moment, unless a setting stops it."""
        if "as_of" in self._settings.model_fields_set:
            return self._settings
        return self._settings.model_copy(update={"as_of": datetime.now(UTC)})

    async def _aside(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def asked(body: bytes) -> Question:
    """Return the question of a body. Raises RefusedError that names the field."""
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise RefusedError(400, "not_json", "nested too deep") from None
    except ValueError:
        raise RefusedError(400, "not_json", "the body is no JSON in UTF-8") from None
    if not isinstance(found, dict):
        raise RefusedError(400, "not_json", "the body is no JSON object")
    for name, value in found.items():
        if name not in _FIELDS:
            raise RefusedError(400, "unknown_field", "no such field; see /v1/openapi.json", name[:200])
        if not (value is None or _is_text(value)):
            raise RefusedError(400, "wrong_question", "text or null", name)
    given = {name: value for name, value in found.items() if value is not None}
    if "notice_kind" not in given:
        raise RefusedError(400, "wrong_question", "say what would go out", "notice_kind")
    if "send_at" in given:
        try:
            given["send_at"] = datetime.fromisoformat(given["send_at"])
        except ValueError:
            wanted = "an instant with an offset, such as 2026-01-31T09:00:00Z"
            raise RefusedError(400, "wrong_question", wanted, "send_at") from None
    return Question(**given)


def _is_text(value: object) -> bool:
    """Whether it is a string that UTF-8 can hold: JSON can name half a character."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise RefusedError(400, "duplicate_field", "stands twice", name[:200])
        found[name] = value
    return found


def _no_number(name: str) -> None:
    raise RefusedError(400, "not_json", f"{name} is no JSON")


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise RefusedError(415, "not_json", "Content-Type: application/json", "Content-Type")
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS_TO_SEND):
            async for part in request.stream():
                body += part
                if len(body) > LARGEST_BODY:
                    raise RefusedError(413, "too_large", f"more than {LARGEST_BODY // 1024} kB")
    except TimeoutError:
        raise RefusedError(400, "too_slow", f"took more than {SECONDS_TO_SEND} seconds to send") from None
    return bytes(body)


def _host(request: Request) -> str:
    """Return the name that was asked, without the port."""
    name = request.headers.get("host", "").lower()
    head, _, port = name.rpartition(":")
    return head if head and port.isdigit() else name


def _error(refused: RefusedError) -> Response:
    body = {"error": {"code": refused.code, "message": refused.message, "field": refused.field}}
    # in ASCII, because the name of a field may hold half a character
    return Response(json.dumps(body), refused.status, media_type="application/json")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return _error(error)


async def _by_starlette(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "refused")
    response = _error(RefusedError(error.status_code, code, _MESSAGES.get(error.status_code, "refused")))
    response.headers.update(error.headers or {})
    return response
