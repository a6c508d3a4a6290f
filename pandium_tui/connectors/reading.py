"""From the checked data of a catalogue file to the values of ``definitions.py``."""

from collections.abc import Mapping
from typing import Any

from pandium_tui.connectors.definitions import (
    ConnectionTest,
    Connector,
    Credentials,
    Expectation,
    Field,
    KnownAnswer,
    Method,
    OAuthFacts,
)

Data = Mapping[str, Any]


def connector_from(data: Data, own: bool) -> Connector:
    """The connector that data of the right shape describes."""
    return Connector(**_with(data, methods=tuple(map(_method, data["methods"])), own=own))


def _method(data: Data) -> Method:
    return Method(
        **_with(
            data,
            fields=tuple(_field(entry) for entry in data.get("fields", ())),
            at_least_one=tuple(data.get("at_least_one", ())),
            test=_test(data["test"]) if "test" in data else None,
            oauth=OAuthFacts(**_with(data["oauth"], scopes=tuple(data["oauth"].get("scopes", ()))))
            if "oauth" in data
            else None,
        )
    )


def _field(data: Data) -> Field:
    return Field(**_with(data, choices=tuple(data.get("choices", ()))))


def _test(data: Data) -> ConnectionTest:
    return ConnectionTest(
        **_with(
            data,
            credentials=Credentials(**data["credentials"]),
            status=tuple(data.get("status", (200,))),
            expect=tuple(Expectation(**entry) for entry in data.get("expect", ())),
            answers=tuple(
                KnownAnswer(**_with(entry, one_of=tuple(entry["one_of"]))) for entry in data.get("answers", ())
            ),
            meanings={int(status): meaning for status, meaning in data.get("meanings", {}).items()},
        )
    )


def _with(data: Data, **read: Any) -> dict[str, Any]:
    return {**data, **read}
