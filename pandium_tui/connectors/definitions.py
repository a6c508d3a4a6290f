"""What a connector is: the plain values that a catalogue file is read into.

A catalogue file is a mapping with ``version: 1`` and ``connectors``, a list. The keys of a connector, a method, a
field, a test and the OAuth facts are the attributes of the classes below, under the same names; what has a default
here may be left out. The exact shape is in ``shape.py``; what must fit together is checked in ``consistency.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from pandium_tui.connectors.templates import placeholders

Kind = Literal[
    "static",
    "service_account",
    "aws_signature",
    "oauth1",
    "oauth2_code",
    "oauth2_device",
    "oauth2_client_credentials",
    "jwt",
    "database",
    "ssh",
]

OAUTH_KINDS: frozenset[str] = frozenset({"oauth2_code", "oauth2_device", "oauth2_client_credentials", "jwt"})
"""The kinds in which a sign-in obtains the token; a person may paste one instead."""

Login = Literal["postgresql", "mysql", "ssh", "ftp"]
"""What a test logs in to without HTTP."""

LOGIN_FIELDS: Mapping[Login, tuple[str, ...]] = {
    "postgresql": ("host", "port", "database", "username", "password"),
    "mysql": ("host", "port", "database", "username", "password"),
    "ssh": ("host", "port", "username"),
    "ftp": ("host", "port", "username", "password"),
}
"""The fields that a method with such a login must have, under these names.

``postgresql`` also knows ``sslmode`` and ``ssl_root_cert``, ``mysql`` ``tls``, ``ssh`` ``password``, ``private_key``,
``private_key_passphrase`` and ``host_key``, ``ftp`` ``tls_mode``.
"""

Level = Literal["provisioning", "connection"]

Format = Literal["text", "url", "host", "host label", "path", "number", "header name", "private key", "service account"]

Status = Literal["connected", "rejected", "accepted, right missing", "unreachable", "cannot be tested"]

NEVER_INJECTED: frozenset[str] = frozenset({"refresh_token", "client_secret"})
"""Fields that no run ever receives: with them a run could act beyond its own connection."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value that a person enters.

    ``level`` is ``provisioning`` (once per integration) or ``connection`` (per tenant, or once when global).
    ``obtained`` marks what a sign-in will bring; until there is one it is pasted. ``format`` says what the text must
    be (``url``: https, without query; ``host``: a dotted name; ``host label``: one part of such a name; ``path``:
    begins with a slash). ``default`` is used when nothing was entered; ``choices`` lists all values allowed.
    """

    name: str
    label: str
    secret: bool = False
    optional: bool = False
    multiline: bool = False
    obtained: bool = False
    level: Level = "connection"
    format: Format = "text"
    default: str | None = None
    choices: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How the credentials are attached to a test. Never in the URL: it ends up in the logs of proxies and servers.

    ``bearer`` needs ``token``, ``basic`` needs ``username`` and ``password``, ``header`` needs ``name`` and ``value``,
    ``aws_signature`` needs ``access_key``, ``secret_key``, ``session_token``, ``region`` and ``service``;
    ``service_account`` needs ``service_account`` (the JSON of one) and ``scope``, and asks for a token at the address
    of the test; ``snowflake_key_pair`` needs ``account``, ``username``, ``private_key`` and ``passphrase``. All are
    templates in which ``{field}`` stands for a value; an optional field that was left empty stands for nothing.
    """

    how: Literal["bearer", "basic", "header", "aws_signature", "service_account", "snowflake_key_pair"]
    token: str = ""
    username: str = ""
    password: str = ""
    name: str = ""
    value: str = ""
    access_key: str = ""
    secret_key: str = ""
    session_token: str = ""
    region: str = ""
    service: str = ""
    service_account: str = ""
    scope: str = ""
    account: str = ""
    private_key: str = ""
    passphrase: str = ""

    @property
    def templates(self) -> dict[str, str]:
        """The templates that are in use, by the name of their attribute."""
        texts = {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.name != "how"}
        return {name: text for name, text in texts.items() if text}


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the JSON of a good answer must hold, else the outcome is ``otherwise``.

    ``path`` is dotted (``user.id``, ``errors.0.code``; empty: the whole answer). Either ``equals`` or ``state``
    (``present``: there and not null, ``absent``: not there, null or empty, ``not empty``) applies.
    """

    path: str
    equals: str | int | bool | None = None
    state: Literal["present", "absent", "not empty"] | None = None
    otherwise: Status = "rejected"


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """A word of the vendor with a meaning of its own: the value at ``path`` is ``one_of`` these (as text)."""

    path: str
    one_of: tuple[str, ...]
    means: Status


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """The request that proves a credential.

    ``url`` is an https address, or begins with a field of format ``url``; further fields may stand in its host and
    path, never in its query. ``headers`` and ``json`` are constant. A good answer has a status in ``status`` and
    meets all of ``expect``; ``answers`` are looked up before that. ``meanings`` says what other status codes mean
    (default: 401 rejected, 403 accepted, right missing). ``compare_anonymous`` sends the request without credentials
    too and trusts the test only when that one fails. ``said`` is the path of the vendor's own explanation. ``trap``
    tells people why a simpler check lies. ``expires_header`` or ``expires_path`` is where a good answer says when the
    credential ends.
    """

    url: str
    credentials: Credentials
    method: Literal["GET", "POST"] = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    status: tuple[int, ...] = (200,)
    expect: tuple[Expectation, ...] = ()
    answers: tuple[KnownAnswer, ...] = ()
    meanings: Mapping[int, Status] = field(default_factory=dict)
    compare_anonymous: bool = False
    said: str = ""
    trap: str = ""
    expires_header: str = ""
    expires_path: str = ""


@dataclass(frozen=True, slots=True)
class OAuthFacts:
    """What a sign-in needs to know.

    ``access_seconds`` is the lifetime of an access token: 0 when it does not expire, ``None`` when the vendor does not
    say; ``refresh`` and ``grace`` (how long the previous refresh token still works) are for people to read.
    ``rotates``: a refresh token works only once.
    """

    authorize_url: str = ""
    token_url: str = ""
    device_url: str = ""
    verify_url: str = ""
    revoke_url: str = ""
    scopes: tuple[str, ...] = ()
    scope_separator: str = " "
    client_authentication: str = "body"
    pkce: Literal["required", "supported", "unknown"] = "unknown"
    access_seconds: int | None = None
    refresh: str = ""
    rotates: Literal["yes", "no", "optional", "unknown"] = "unknown"
    grace: str = ""
    loopback_redirect: Literal["yes", "no", "development keys only", "unknown"] = "unknown"


@dataclass(frozen=True, slots=True)
class Method:
    """One way to connect.

    ``inject`` maps a field to the KEY of its variable, ``compose`` a KEY to a template whose values are
    percent-encoded (a database URL). ``free_keys``: the operator names the keys; there are no fields.
    ``at_least_one``: optional fields of which one is needed. A method has a ``test``, or a ``login`` (see
    ``LOGIN_FIELDS``), or ``untested`` says why not.
    """

    id: str
    label: str
    kind: Kind
    fields: tuple[Field, ...] = ()
    inject: Mapping[str, str] = field(default_factory=dict)
    compose: Mapping[str, str] = field(default_factory=dict)
    at_least_one: tuple[str, ...] = ()
    free_keys: bool = False
    test: ConnectionTest | None = None
    login: Login | None = None
    untested: str = ""
    oauth: OAuthFacts | None = None
    note: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The KEYs of the variables that a run receives, in order. Empty with ``free_keys``."""
        return (*self.inject.values(), *self.compose)

    @property
    def takes_pasted_token(self) -> bool:
        """Whether a token is pasted in place of a sign-in; nothing renews it when it expires."""
        return any(entry.obtained for entry in self.fields)

    def field(self, name: str) -> Field | None:
        """The field of this name."""
        return next((entry for entry in self.fields if entry.name == name), None)

    def with_defaults(self, values: Mapping[str, str]) -> dict[str, str]:
        """The values that were entered, and the defaults of fields that were left empty."""
        defaults = {entry.name: entry.default for entry in self.fields if entry.default is not None}
        return {**defaults, **{name: value for name, value in values.items() if value != ""}}

    def needed_now(self) -> tuple[Field, ...]:
        """The fields without which nothing works: with a pasted token those of the sign-in are not among them."""
        required = tuple(entry for entry in self.fields if not entry.optional and entry.default is None)
        if not self.takes_pasted_token:
            return required
        used = {*self.inject, *self.test_fields()}
        return tuple(entry for entry in required if entry.name in used)

    def test_fields(self) -> frozenset[str]:
        """The names of the fields that the test uses."""
        if self.test is None:
            return frozenset()
        texts = (self.test.url, *self.test.credentials.templates.values())
        return frozenset(name for text in texts for name in placeholders(text))


@dataclass(frozen=True, slots=True)
class Connector:
    """An external system. ``own``: defined by a file of the user, not by the catalogue of the program."""

    id: str
    label: str
    methods: tuple[Method, ...]
    notes: str = ""
    own: bool = False

    def method(self, method_id: str) -> Method | None:
        """The method of this id."""
        return next((method for method in self.methods if method.id == method_id), None)
