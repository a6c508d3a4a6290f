"""Connect or reconnect: the values of one connection."""

from collections.abc import Iterable
from datetime import date

from textual.widget import Widget
from textual.widgets import Select

from pandium_tui.connectors.definitions import Field as Definition
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.connections import Connection, SavedConnection, look_at_values, set_connection
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.value_files import entered_value
from pandium_tui.screens.form import Checked, Form, Raw
from pandium_tui.storage.database import Store
from pandium_tui.storage.vault import Secret
from pandium_tui.widgets.choice import Choice
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.secret_input import SecretInput
from pandium_tui.widgets.text_input import TextInput

BY_FILE = "or @/path/of/file"


class ConnectionForm(Form):
    """The form; after it was saved, ``saved`` has what was corrected and warned about."""

    SAVE_LABEL = "Connect"

    def __init__(self, store: Store, actor: Actor, connection: Connection, fields: Iterable[Definition]) -> None:
        super().__init__()
        self._store = store
        self._actor = actor
        self._connection = connection
        self._definitions = tuple(fields)
        self.saved: SavedConnection | None = None

    def heading(self) -> str:
        """What is connected."""
        one = self._connection
        verb = "Reconnect" if one.modified_date else "Connect"
        return f"{verb} {one.connector} of {one.whose}: {one.label}, {one.method_label}"

    @property
    def draft_name(self) -> str:
        """One for each connection: it has the day it expires, no value."""
        return f"connector-{self._connection.connector_id}-tenant-{self._connection.tenant_id or 'all'}"

    def fields(self) -> Iterable[Field]:
        """Those of the method, or a key of the person's own."""
        known = {value.name: value for value in self._connection.values}
        for entry in self._definitions:
            state = known.get(entry.name)
            yield definition_field(entry, is_set=bool(state and state.is_set), value=state.value if state else None)
        if self._connection.free_keys:
            there = ", ".join(known) or "none yet"
            yield Field("key", "Key", TextInput(placeholder="API_KEY"), f"A name of your own. There are: {there}")
            yield Field("value", "Value", SecretInput(f"paste it, {BY_FILE}"), "Empty takes the key away")
        expires = self._connection.expires_date
        yield Field(
            "expires",
            "Expires on",
            TextInput(f"{expires:%Y-%m-%d}" if expires else "", "2027-01-31"),
            "Day on which the vendor lets it expire, if it does: it is warned about 30 days before",
        )

    def check(self, raw: Raw) -> Checked:
        """What the hub says about the values."""
        try:
            given = self._given(raw)
            _day(raw["expires"])
        except InvalidError as error:
            return Checked(error.problems)
        place = self._connection.connector_id, self._connection.tenant_id
        problems, warnings = look_at_values(self._store, *place, given)
        if self._connection.free_keys:
            problems = {"key": "; ".join(problems.values())} if problems else {}
            warnings = {"value": "; ".join(warnings.values())} if warnings else {}
        return Checked(problems, {name: f"! {warning}" for name, warning in warnings.items()})

    def save(self, raw: Raw) -> int:
        """Store the values."""
        one = self._connection
        given = self._given(raw)
        self.saved = set_connection(
            self._store, one.connector_id, one.tenant_id, given, self._actor, expires=_day(raw["expires"])
        )
        return one.connector_id

    def _given(self, raw: Raw) -> dict[str, Secret]:
        """What was entered; an empty secret stays as it is."""
        if self._connection.free_keys:
            key = raw["key"].strip()
            return {key: entered_value("value", raw["value"])} if key else {}
        return given_values(self._definitions, raw)


def definition_field(entry: Definition, name: str = "", *, is_set: bool = False, value: str | None = None) -> Field:
    """The field of a form for a field of a connector."""
    control: Widget
    if entry.choices:
        choices = [(choice, choice) for choice in entry.choices]
        control = Choice(choices, value=value or entry.default or Select.NULL, compact=True)
    elif entry.secret:
        control = SecretInput(f"paste it, {BY_FILE}")
    else:
        control = TextInput(value or "", entry.default or "")
    words = [entry.help.rstrip(".")] if entry.help else []
    words += ["a file is best: it has several lines"] if entry.multiline else []
    words += ["optional"] if entry.optional else []
    words += ["there is one; empty: it stays"] if entry.secret and is_set else []
    made = Field(name or entry.name, entry.label, control, "; ".join(words or ["required"]))
    made.is_secret = True  # all that connects is sealed, not only what is masked
    return made


def given_values(fields: Iterable[Definition], raw: Raw, prefix: str = "") -> dict[str, Secret]:
    """What was entered into the fields; a secret that was left empty is not among it.

    Raises:
        InvalidError: a file that was named cannot be read.
    """
    given = {}
    for entry in fields:
        text = raw[prefix + entry.name] or ""
        if text or not entry.secret:
            given[entry.name] = entered_value(prefix + entry.name, text)
    return given


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidError({"expires": "must be a day such as 2027-01-31, or empty"}) from None
