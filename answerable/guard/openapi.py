"""What the guard's HTTP door takes and gives, as OpenAPI.

Belongs here: the description that `GET /v1/openapi.json` returns. Does not: anything that reads a request.
"""

from __future__ import annotations

from typing import Any

from answerable.guard.answers import KINDS, LONGEST_NAME, LONGEST_TEXT

_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
_NUMBER = {"type": "number"}
_WHOLE = {"type": "integer"}
_INSTANT = {"type": "string", "format": "date-time"}
_DAY = {"type": "string", "format": "date"}
_NAME = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
_VERDICTS = ["go", "soften", "hold", "unknown"]


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"]}


def _object(nullable: dict[str, Any], **always: Any) -> dict[str, Any]:
    properties = {**always, **{name: _or_null(schema) for name, schema in nullable.items()}}
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


_REASON = _object(
    {"decides_team_id": _TEXT, "until_at": _INSTANT}, code=_TEXT, verdict={"enum": ["note", *_VERDICTS[1:]]}
)
_NOTICE = _object(
    {"severity": _WHOLE, "tone": _TEXT, "is_raised_by_wording": _FLAG, "wording_phrase": _TEXT},
    notice_kind={"enum": list(KINDS)},
    channel=_TEXT,
    send_at=_INSTANT,
)
_FACTS = {
    **dict.fromkeys(("invoice_id", "invoice_number", "account_id", "open_amount", "currency"), _TEXT),
    **dict.fromkeys(("days_past_due", "known_invoices"), _WHOLE),
    **dict.fromkeys(("on_time_rate", "tenure_years"), _NUMBER),
    **dict.fromkeys(("is_demand_before_due", "is_tone_mismatch"), _FLAG),
    "due_on": _DAY,
}
_DATA = {
    **dict.fromkeys(("version", "stalest_input"), _TEXT),
    **dict.fromkeys(("age_hours", "limit_hours"), _NUMBER),
    "as_of": _INSTANT,
    "is_stale": _FLAG,
}
ANSWER = _object(
    {"decides_team_id": _TEXT, "until_at": _INSTANT, "valid_until": _INSTANT},
    check_id=_TEXT,
    verdict={"enum": _VERDICTS},
    is_recorded=_FLAG,
    reasons={"type": "array", "items": _REASON},
    notice=_NOTICE,
    guidance=_object({"severity": _WHOLE, "channel": _TEXT, "rule_id": _TEXT, "reason": _TEXT}),
    facts=_object(_FACTS),
    data=_object(_DATA),
)
QUESTION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["notice_kind"],
    "description": f"Exactly one of invoice_id and invoice_number; subject and body {LONGEST_TEXT} characters at most.",
    "properties": {
        "notice_kind": {"enum": list(KINDS)},
        **dict.fromkeys(("invoice_id", "invoice_number", "notice_id"), _or_null(_NAME)),
        "channel": {**_or_null(_NAME), "default": "email"},
        "send_at": {**_or_null(_INSTANT), "description": "Now, or at most 48 hours ahead."},
        **dict.fromkeys(("subject", "body"), _or_null(_TEXT)),
    },
}
_ERROR = _object({}, error=_object({"field": _TEXT}, code=_TEXT, message=_TEXT))
_HEALTH = _object({"version": _TEXT, "as_of": _INSTANT, "is_stale": _FLAG, "age_hours": {"type": "object"}})


def _as_json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "May this notice go out?", "version": "1", "description": "No answer means: don't send."},
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/v1/checks": {
            "post": {
                "summary": "Ask whether a notice may go out",
                "security": [{"token": []}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": QUESTION}}},
                "responses": {
                    "200": _as_json("The verdict, unknown included; send on go alone.", ANSWER),
                    **{
                        status: _as_json("Not answered: don't send.", _ERROR)
                        for status in ("400", "401", "413", "415", "500")
                    },
                },
            }
        },
        "/v1/health": {
            "get": {
                "summary": "Ask whether the guard can answer",
                "responses": {
                    "200": _as_json("A version is readable and fresh, and answers are recorded.", _HEALTH),
                    "503": _as_json("Not so.", _HEALTH),
                },
            }
        },
    },
}
