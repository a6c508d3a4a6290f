"""Configs of a tenant as lines ``NAME=VALUE``, for people at a keyboard."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from pandium_tui.engine.declared_secrets import secret_names
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.sealed_configs import MASK, shown_configs
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Release, Tenant
from pandium_tui.text import visible

_KINDS = {
    "boolean": ("true or false", bool),
    "integer": ("a whole number such as 50", int),
    "number": ("a number such as 1.5", int | float),
    "array": ('a JSON list such as ["a", "b"]', list),
    "object": ('a JSON object such as {"a": 1}', dict),
}


NOT_TAKEN_HERE = (
    "is secret and not taken here, where others could read it; enter it in Connection Settings, "
    "or with pandium-tui tenant configure --plain or --file"
)


def secret_configs(release: Release | None, tenant: Tenant | None = None) -> frozenset[str]:
    """The settings that are never written in lines: what the release calls secret, and what the vault keeps."""
    declared = frozenset[str]() if release is None else secret_names(release.config_schema, release.config_uischema)
    return declared.union(() if tenant is None else tenant.sealed_configs)


def declared_names(release: Release) -> frozenset[str]:
    """The settings that a release asks for."""
    return frozenset(_mapping(release.config_schema or {}, "properties"))


def shown_tenants(store: Store, tenants: Iterable[Tenant]) -> list[Tenant]:
    """Tenants as they may be shown: settings that are sealed are masked, and those that their release calls secret.

    A release that a channel moved a tenant to may declare a setting secret that is not sealed yet.
    """
    secret: dict[int | None, frozenset[str]] = {None: frozenset()}
    shown = []
    for tenant in tenants:
        if tenant.release_id is not None and tenant.release_id not in secret:
            with store.reading() as reader:
                secret[tenant.release_id] = secret_configs(queries.release(reader, tenant.release_id))
        declared = secret[tenant.release_id] & {name for name, value in tenant.configs.items() if value}
        shown.append(replace(tenant, configs={**shown_configs(tenant), **dict.fromkeys(declared, MASK)}))
    return shown


def parse_config_lines(
    text: str, config_schema: Mapping[str, Any] | None, secret: Collection[str] = ()
) -> dict[str, Any]:
    r"""The configs that lines of ``NAME=VALUE`` say.

    Empty lines and lines that begin with ``#`` are passed over. What the schema declares as text is taken as it
    stands, unless it is a JSON string (``"two\nlines"``); other types are read as JSON; what the schema does not
    declare is JSON where that is unmistakable, else text. Nothing after the ``=`` is no value for a property without a
    default, and an emptied value for any other.

    Raises:
        InvalidError: for the field ``configs``, with the number of each line that cannot be read, or sets something
            ``secret``.
    """
    configs: dict[str, Any] = {}
    problems: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            name, value = _split(line)
            if name in configs:
                raise ValueError(f"{name} is set a second time")
            if name in secret:
                raise ValueError(f"{name} {NOT_TAKEN_HERE}")
            declaration = _declaration(config_schema, name)
            if value == "" and declaration is not None and declaration.get("default") is None:
                continue
            configs[name] = _parsed(name, value, declaration)
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    if problems:
        raise InvalidError({"configs": "; ".join(problems)})
    return configs


def lines_to_keep(text: str, known: Collection[str], secret: Collection[str]) -> str:
    """The lines that may be kept as they were typed: where something is secret, only those that name a known setting.

    A secret may go over several lines, or stand behind a name that is not whole yet.
    """
    if not secret:
        return text
    kept = []
    for line in text.split("\n"):
        try:
            name, _ = _split(line)
        except ValueError:
            continue
        if name in known and name not in secret:
            kept.append(line)
    return "\n".join(kept)


def config_lines(configs: Mapping[str, Any], config_schema: Mapping[str, Any] | None = None) -> str:
    """The lines that :func:`parse_config_lines` reads back as these configs."""
    return "\n".join(_line(name, value, _declaration(config_schema, name)) for name, value in configs.items())


def config_template(
    config_schema: Mapping[str, Any] | None, configs: Mapping[str, Any] | None = None, secret: Collection[str] = ()
) -> str:
    """Lines to fill in: the configs there are, and each further property of the schema with its default.

    What is ``secret`` has none.
    """
    configs = {name: value for name, value in (configs or {}).items() if name not in secret}
    lines = [config_lines(configs, config_schema)] if configs else []
    for name in _mapping(config_schema or {}, "properties"):
        if name not in configs and name not in secret:
            declaration = _declaration(config_schema, name) or {}
            default = declaration.get("default", False if declaration.get("type") == "boolean" else None)
            lines.append(_line(name, default, declaration))
    return "\n".join(lines)


def _line(name: str, value: Any, declaration: Mapping[str, Any] | None) -> str:
    plain = name.strip() == visible(name) == name and name[:1] not in ('"', "#", "") and "=" not in name
    return f"{name if plain else json.dumps(name)}={_written(value, declaration)}"


def _written(value: Any, declaration: Mapping[str, Any] | None) -> str:
    if isinstance(value, str):
        try:
            plain = value == value.strip() == visible(value) and _parsed("", value, declaration) == value
        except ValueError:
            plain = False
        # In ASCII: what could not stand in a line, or would act on a terminal, is spelled out.
        return value if plain else json.dumps(value)
    if value is None and (declaration is not None):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def _split(line: str) -> tuple[str, str]:
    """The name and the value of a line; a name with a ``=`` in it can be written as a JSON string."""
    name, separator, value = line.partition("=")
    if line.lstrip().startswith('"'):
        try:
            name, end = json.JSONDecoder().raw_decode(line.lstrip())
            separator, value = line.lstrip()[end : end + 1], line.lstrip()[end + 1 :]
        except ValueError:
            separator = ""
        if separator != "=":
            raise ValueError('is not NAME=VALUE (a name in quotes ends with a quote before the "=")')
        return name, value.strip()
    if not separator or not name.strip():
        raise ValueError("is not NAME=VALUE")
    return name.strip(), value.strip()


def _parsed(name: str, text: str, declaration: Mapping[str, Any] | None) -> Any:
    if declaration is None:
        return _guessed(text)
    for option in _options(declaration):
        if text in (option, json.dumps(option, ensure_ascii=False)):
            return option
    kind = declaration.get("type")
    if not isinstance(kind, str) or kind not in _KINDS or "enum" in declaration or "oneOf" in declaration:
        return _text(text)
    if text == "":
        return None
    words, accepted = _KINDS[kind]
    value = _json(text)
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind != "boolean"):
        raise ValueError(f"{name} must be {words}")
    return value


def _guessed(text: str) -> Any:
    """JSON where it is unmistakable: a number only when writing it gives the same text again, so not ``007``."""
    value = _json(text)
    if isinstance(value, str | bool | list | dict) or text == "null":
        return value
    return value if isinstance(value, int | float) and _written(value, None) == text else text


def _text(text: str) -> str:
    value = _json(text)
    return value if isinstance(value, str) else text


def _json(text: str) -> Any:
    """The JSON value of a text, None when it is none."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _options(declaration: Mapping[str, Any]) -> list[Any]:
    enum, one_of = declaration.get("enum"), declaration.get("oneOf")
    options = list(enum) if isinstance(enum, list) else []
    if isinstance(one_of, list):
        options += [one["const"] for one in one_of if isinstance(one, dict) and "const" in one]
    return options


def _declaration(config_schema: Mapping[str, Any] | None, name: str) -> Mapping[str, Any] | None:
    """What the schema says about a property, with what its ``$ref`` to a definition adds; None when it says nothing."""
    declared = _mapping(config_schema or {}, "properties").get(name)
    if not isinstance(declared, dict):
        return None
    reference = declared.get("$ref")
    if not isinstance(reference, str):
        return declared
    target = reference.removeprefix("#/").removeprefix("definitions/")
    definition = _mapping(config_schema or {}, "definitions").get(target)
    return {**definition, **declared} if isinstance(definition, dict) else declared


def _mapping(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    child = parent.get(key)
    return child if isinstance(child, dict) else {}
