"""Values for connectors on the command line: secret ones come from files and stdin, never as an argument."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

from pandium_tui.connectors.definitions import Field
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.value_files import LARGEST, entered_value
from pandium_tui.storage.vault import Secret

Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        metavar="KEY=@FILE",
        help="A value from a file; KEY=VALUE for one that is not secret; KEY= takes it away. May be repeated.",
    ),
]


def given_fields(lines: Sequence[str] | None, known: Iterable[Field]) -> dict[str, Secret]:
    """The values of ``--field``; a name that no field has counts as secret.

    Raises:
        InvalidError: not ``KEY=…``, a secret as an argument, or a file that cannot be read.
    """
    plain = {entry.name for entry in known if not entry.secret}
    values: dict[str, Secret] = {}
    for line in lines or ():
        name, separator, text = line.partition("=")
        if not separator:
            raise InvalidError({"--field": "must be KEY=@FILE, or KEY=VALUE for a value that is not secret"})
        if text.startswith("@") and not text.startswith("@@"):
            values[name] = entered_value(name, text)
        elif text and name not in plain:
            raise InvalidError(
                {
                    name: "is secret, and arguments can be read by everybody on this machine and stay in the history "
                    f"of the shell. Give it as {name}=@FILE, or with --from-stdin; then make a new one at the vendor"
                }
            )
        else:
            values[name] = entered_value(name, text)
    return values


def fields_from_stdin(known: Sequence[Field], given: Iterable[str]) -> dict[str, Secret]:
    """The values on stdin: the one secret field that was not given, or a JSON object when there are several.

    Raises:
        InvalidError: it cannot be told what stdin is, or it is not text.
    """
    try:
        text = sys.stdin.buffer.read(LARGEST + 1).decode()
    except UnicodeDecodeError:
        raise InvalidError({"--from-stdin": "is not UTF-8 text"}) from None
    if len(text) > LARGEST:
        raise InvalidError({"--from-stdin": f"is larger than {LARGEST // 1024} KiB"})
    secret = [entry.name for entry in known if entry.secret and entry.name not in set(given)]
    required = [entry.name for entry in known if entry.secret and not entry.optional and entry.name in secret]
    for names in (secret, required):
        if len(names) == 1:
            return {names[0]: Secret(text)}
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        names_in_words = ", ".join(secret) or "KEY"
        raise InvalidError(
            {"--from-stdin": f"must be a JSON object of texts, since there are several values: {names_in_words}"}
        )
    return {name: Secret(value) for name, value in values.items()}
