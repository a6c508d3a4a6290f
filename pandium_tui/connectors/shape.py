"""The shape of a catalogue file, as a JSON Schema; the meaning of the keys is in ``definitions.py``."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import jsonschema_rs

from pandium_tui.connectors.definitions import Format, Kind, Level, Login, Status

VERSION = 1

_NAME = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"}
_KEY = {"type": "string", "pattern": "^[A-Z][A-Z0-9_]{0,63}$"}
_ID = {"type": "string", "pattern": "^[a-z0-9]+([_-][a-z0-9]+)*$", "maxLength": 64}
_LABEL = {"type": "string", "minLength": 1, "maxLength": 80}
_TEXT = {"type": "string", "maxLength": 2000}
_TEMPLATE = {"type": "string", "minLength": 1, "maxLength": 500}
_FLAG = {"type": "boolean"}
_PATH = {"type": "string", "pattern": r"^([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)?$"}
_STATUS = {"enum": list(get_args(Status))}


def _mapping(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _list(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least}


def _table(keys: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "propertyNames": keys, "additionalProperties": values}


_FIELD = _mapping(
    {
        "name": _NAME,
        "label": _LABEL,
        "secret": _FLAG,
        "optional": _FLAG,
        "multiline": _FLAG,
        "obtained": _FLAG,
        "level": {"enum": list(get_args(Level))},
        "format": {"enum": list(get_args(Format))},
        "default": {"type": "string"},
        "choices": _list({"type": "string", "minLength": 1}, least=1),
        "help": _TEXT,
    },
    ("name", "label"),
)
_CREDENTIALS = _mapping(
    {
        "how": {"enum": ["bearer", "basic", "header", "aws_signature", "service_account", "snowflake_key_pair"]},
        "token": _TEMPLATE,
        "username": _TEMPLATE,
        "password": _TEMPLATE,
        "name": _TEMPLATE,
        "value": _TEMPLATE,
        "access_key": _TEMPLATE,
        "secret_key": _TEMPLATE,
        "session_token": _TEMPLATE,
        "region": _TEMPLATE,
        "service": _TEMPLATE,
        "service_account": _TEMPLATE,
        "scope": _TEMPLATE,
        "account": _TEMPLATE,
        "private_key": _TEMPLATE,
        "passphrase": _TEMPLATE,
    },
    ("how",),
)
_EXPECTATION = _mapping(
    {
        "path": _PATH,
        "equals": {"type": ["string", "integer", "boolean"]},
        "state": {"enum": ["present", "absent", "not empty"]},
        "otherwise": _STATUS,
    },
    ("path",),
)
_ANSWER = _mapping(
    {"path": _PATH, "one_of": _list({"type": "string"}, least=1), "means": _STATUS}, ("path", "one_of", "means")
)
_TEST = _mapping(
    {
        "method": {"enum": ["GET", "POST"]},
        "url": _TEMPLATE,
        "credentials": _CREDENTIALS,
        "headers": _table({"type": "string"}, {"type": "string"}),
        "json": {},
        "status": _list({"type": "integer", "minimum": 200, "maximum": 299}, least=1),
        "expect": _list(_EXPECTATION),
        "answers": _list(_ANSWER),
        "meanings": _table({"type": "string", "pattern": "^[45][0-9]{2}$"}, _STATUS),
        "compare_anonymous": _FLAG,
        "said": _PATH,
        "expires_header": {"type": "string", "pattern": "^[A-Za-z0-9-]{1,100}$"},
        "expires_path": _PATH,
        "trap": _TEXT,
    },
    ("url", "credentials"),
)
_URL = {"type": "string", "maxLength": 500}
_OAUTH = _mapping(
    {
        "authorize_url": _URL,
        "token_url": _URL,
        "device_url": _URL,
        "verify_url": _URL,
        "revoke_url": _URL,
        "scopes": _list({"type": "string", "minLength": 1}),
        "scope_separator": {"enum": [" ", ","]},
        "client_authentication": _TEXT,
        "pkce": {"enum": ["required", "supported", "unknown"]},
        "access_seconds": {"type": ["integer", "null"], "minimum": 0},
        "refresh": _TEXT,
        "rotates": {"enum": ["yes", "no", "optional", "unknown"]},
        "grace": _TEXT,
        "loopback_redirect": {"enum": ["yes", "no", "development keys only", "unknown"]},
    }
)
_METHOD = _mapping(
    {
        "id": _ID,
        "label": _LABEL,
        "kind": {"enum": list(get_args(Kind))},
        "fields": _list(_FIELD),
        "inject": _table(_NAME, _KEY),
        "compose": _table(_KEY, _TEMPLATE),
        "at_least_one": _list(_NAME),
        "free_keys": _FLAG,
        "test": _TEST,
        "login": {"enum": list(get_args(Login))},
        "untested": _TEXT,
        "oauth": _OAUTH,
        "note": _TEXT,
    },
    ("id", "label", "kind"),
)
_CONNECTOR = _mapping(
    {"id": _ID, "label": _LABEL, "methods": _list(_METHOD, least=1), "notes": _TEXT}, ("id", "label", "methods")
)
_FILE = _mapping({"version": {"const": VERSION}, "connectors": {"type": "array"}}, ("version", "connectors"))


def file_problems(data: object) -> Iterator[tuple[str, str]]:
    """Where and what is wrong with the outermost shape of a file: (place, message)."""
    return _problems(_validators()[0], data)


def connector_problems(data: object) -> Iterator[tuple[str, str]]:
    """Where and what is wrong with the shape of one connector: (place inside the connector, message)."""
    return _problems(_validators()[1], data)


@cache
def _validators() -> tuple[jsonschema_rs.Validator, jsonschema_rs.Validator]:
    return jsonschema_rs.validator_for(_FILE), jsonschema_rs.validator_for(_CONNECTOR)


def _problems(validator: jsonschema_rs.Validator, data: object) -> Iterator[tuple[str, str]]:
    for error in validator.iter_errors(data):
        yield place(error.instance_path), error.message


def place(steps: list[str | int]) -> str:
    """Keys and indexes as people write them: ``methods[1].test.url``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
