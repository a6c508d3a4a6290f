"""What must fit together inside a connector, beyond the shape of its keys."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from pandium_tui.connectors.definitions import (
    LOGIN_FIELDS,
    NEVER_INJECTED,
    OAUTH_KINDS,
    ConnectionTest,
    Connector,
    Credentials,
    Field,
    Method,
)
from pandium_tui.connectors.formats import format_problem, header_name_problem, url_problem
from pandium_tui.connectors.templates import has_stray_brace, placeholders

Found = Iterator[tuple[str, str]]
"""Findings: (place inside the connector, message)."""

_CREDENTIAL_PARTS = {
    "bearer": {"token"},
    "basic": {"username", "password"},
    "header": {"name", "value"},
    "aws_signature": {"access_key", "secret_key", "session_token", "region", "service"},
    "service_account": {"service_account", "scope"},
    "snowflake_key_pair": {"account", "username", "private_key", "passphrase"},
}


def inconsistencies(connector: Connector) -> Found:
    """Everything in a connector that cannot work as it is written."""
    for name in _repeated(method.id for method in connector.methods):
        yield "methods", f'two methods have the id "{name}"'
    for index, method in enumerate(connector.methods):
        for place, message in _method(method):
            yield f"methods[{index}].{place}", message


def _method(method: Method) -> Found:
    yield from _fields(method)
    yield from _injected(method)
    if method.free_keys and (method.fields or method.inject or method.compose or method.test or method.login):
        yield "free_keys", "with free keys there are no fields, no variables and no test to declare"
    if [method.test is None, method.login is None, method.untested == ""].count(False) != 1:
        yield "test", 'give either "test", or "login", or "untested" with the reason why there is none'
    if method.login is not None and (lacking := [n for n in LOGIN_FIELDS[method.login] if method.field(n) is None]):
        yield "login", f"{method.login} needs fields with the names {', '.join(lacking)}"
    if method.oauth is not None and method.kind not in OAUTH_KINDS:
        yield "oauth", f'a method of kind "{method.kind}" has no sign-in'
    if method.oauth is not None:
        yield from _oauth(method)
    if method.test is not None:
        for place, message in _test(method, method.test):
            yield f"test.{place}", message


def _fields(method: Method) -> Found:
    if not method.fields and not method.free_keys:
        yield "fields", "at least one field is needed"
    for name in _repeated(entry.name for entry in method.fields):
        yield "fields", f'two fields have the name "{name}"'
    for index, entry in enumerate(method.fields):
        for message in _field(entry, method):
            yield f"fields[{index}]", message
    for name in method.at_least_one:
        found = method.field(name)
        if found is None or not found.optional:
            yield "at_least_one", f'"{name}" is not an optional field of this method'


def _field(entry: Field, method: Method) -> Iterator[str]:
    if entry.obtained and method.kind not in OAUTH_KINDS:
        yield f'a method of kind "{method.kind}" obtains nothing by a sign-in'
    if entry.obtained and entry.level == "provisioning":
        yield "what a sign-in obtains belongs to the connection, not to the provisioning"
    if entry.name in NEVER_INJECTED and not entry.secret:
        yield f'"{entry.name}" must be secret'
    if entry.default is not None and entry.secret:
        yield "a secret has no default"
    if entry.default is not None and entry.choices and entry.default not in entry.choices:
        yield "the default is not among the choices"
    if entry.default is not None and format_problem(entry.format, entry.default):
        yield f"the default {format_problem(entry.format, entry.default)}"
    if entry.format in ("private key", "service account") and not (entry.secret and entry.multiline):
        yield f'a {entry.format} must be "secret: true" and "multiline: true"'


def _injected(method: Method) -> Found:
    for name, key in method.inject.items():
        if name in NEVER_INJECTED or key.lower().endswith(tuple(NEVER_INJECTED)):
            yield "inject", f'"{name}" as {key}: a refresh token or client secret is never given to a run'
        if method.field(name) is None:
            yield "inject", f'there is no field "{name}"'
    for key in _repeated(method.keys):
        yield "inject", f"{key} is injected twice"
    for key, template in method.compose.items():
        if key.lower().endswith(tuple(NEVER_INJECTED)):
            yield f"compose.{key}", "a refresh token or client secret is never given to a run"
        yield from _placeholders(f"compose.{key}", template, method, banned=NEVER_INJECTED)
        for name in placeholders(template):
            entry = method.field(name)
            if entry is not None and entry.optional and entry.default is None:
                yield f"compose.{key}", f'"{name}" may be empty: give it a default, or do not make it optional'


def _placeholders(place: str, template: str, method: Method, banned: Iterable[str] = ()) -> Found:
    if has_stray_brace(template):
        yield place, "has a brace that is not part of a {field}"
    for name in placeholders(template):
        if method.field(name) is None:
            yield place, f'there is no field "{name}"'
        elif name in banned:
            yield place, f'"{name}" must not be used here'


def _oauth(method: Method) -> Found:
    assert method.oauth is not None
    for key in ("authorize_url", "token_url", "device_url", "verify_url", "revoke_url"):
        url = getattr(method.oauth, key)
        if url:
            yield from _placeholders(f"oauth.{key}", url, method, [f.name for f in method.fields if f.secret])
            if not re.match(r"https://|\{[a-z][a-z0-9_]*\}", url):
                yield f"oauth.{key}", "must begin with https://"


def _test(method: Method, test: ConnectionTest) -> Found:
    yield from _url(method, test.url)
    yield from _credentials(method, test.credentials)
    yield from _verb(test)
    for name, value in test.headers.items():
        if name.lower() == "authorization" or (problem := header_name_problem(name)):
            yield "headers", f"{name} {'belongs under credentials' if name.lower() == 'authorization' else problem}"
        if not re.fullmatch(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?", value):
            yield "headers", f"the value of {name} cannot be put into a header"
    for index, expectation in enumerate(test.expect):
        if (expectation.equals is None) == (expectation.state is None):
            yield f"expect[{index}]", 'give either "equals" or "state"'
        if expectation.otherwise == "connected":
            yield f"expect[{index}].otherwise", "an answer that is not as expected cannot mean connected"
    if any(answer.means == "connected" for answer in test.answers) or "connected" in test.meanings.values():
        yield "answers", 'only "status" and "expect" can say connected'


def _verb(test: ConnectionTest) -> Found:
    if test.credentials.how == "aws_signature" and test.method != "GET":
        yield "method", "only a GET request is signed"
    if test.credentials.how == "service_account" and (test.method != "POST" or test.json is not None):
        yield "method", "a service account asks for a token by POST, and with nothing else"
    if test.json is not None and test.method == "GET":
        yield "json", "a GET request has no body; use POST"


def _url(method: Method, url: str) -> Found:
    """Secrets never stand in it, and what a person enters cannot lead it to another host."""
    yield from _placeholders("url", url, method, [entry.name for entry in method.fields if entry.secret])
    begins_with = re.match(r"\{([a-z][a-z0-9_]*)\}(?=/|\{|$)", url)
    if begins_with:
        base = method.field(begins_with[1])
        if base is not None and base.format != "url":
            yield "url", f'"{base.name}" stands for the whole address: its format must be url'
        host, rest = "", url[begins_with.end() :]
        directly = re.match(r"\{([a-z][a-z0-9_]*)\}", rest)
        if directly and (entry := method.field(directly[1])) is not None and entry.format != "path":
            yield "url", f'"{entry.name}" continues the address: put a / before it, or make its format path'
    else:
        found = re.fullmatch(r"https://([^/?#]*)(.*)", url)
        if found is None:
            yield "url", "must begin with https:// or with a field of format url"
            return
        host, rest = found[1], found[2]
        if url_problem(f"https://{re.sub(r'{[a-z0-9_]+}', 'a', host)}"):
            yield "url", f'"{host}" is not a host'
    path, _, query = rest.partition("?")
    if placeholders(query) or "#" in rest:
        yield "url", "the query (?) must be constant and there is no fragment (#): both end up in logs"
    for part, formats in ((host, {"host", "host label"}), (path, {"text", "host", "host label", "path", "number"})):
        for name in placeholders(part):
            entry = method.field(name)
            if entry is not None and entry.format not in formats:
                yield "url", f'"{name}" has the format {entry.format}; here it must be {" or ".join(sorted(formats))}'


def _credentials(method: Method, credentials: Credentials) -> Found:
    if credentials.templates.keys() != _CREDENTIAL_PARTS[credentials.how]:
        needed = " and ".join(sorted(_CREDENTIAL_PARTS[credentials.how]))
        yield "credentials", f'"{credentials.how}" needs {needed} and nothing else'
    for template in credentials.templates.values():
        yield from _placeholders("credentials", template, method)
    used = [name for template in credentials.templates.values() for name in placeholders(template)]
    if not any(entry.secret for entry in method.fields if entry.name in used):
        yield "credentials", "no secret is used: this test would prove nothing"
    if credentials.how == "header" and credentials.name:
        names = placeholders(credentials.name)
        entry = method.field(names[0]) if len(names) == 1 and credentials.name == f"{{{names[0]}}}" else None
        if names and (entry is None or entry.format != "header name"):
            yield "credentials.name", "must be constant, or one field of format header name"
        if not names and (problem := header_name_problem(credentials.name)):
            yield "credentials.name", problem


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]
