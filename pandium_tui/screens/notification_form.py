"""Have somebody told of the failures of an integration, or change who is."""

import shlex
from collections.abc import Iterable

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.notifications import (
    USUAL_INTERVAL,
    NotificationValues,
    add_notification,
    edit_notification,
    problems_of,
    values_of,
)
from pandium_tui.screens.form import Checked, Form, Raw
from pandium_tui.storage.database import Store
from pandium_tui.storage.notification_queries import Notification
from pandium_tui.storage.vault import Secret
from pandium_tui.widgets.choice import Choice
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.text_input import TextInput
from pandium_tui.widgets.token_input import TokenInput

KINDS = (
    ("A command, which gets JSON on standard input", "command"),
    ("A webhook, which gets signed JSON over https", "webhook"),
    ("People by e-mail", "email"),
)
_FIELDS_OF = {"command": ("command",), "webhook": ("url", "secret"), "email": ("to",)}


class NotificationForm(Form):
    """The form. The result is the id of the notification; ``existing`` is one to change, whose kind stays."""

    SAVE_LABEL = "Add"

    def __init__(
        self,
        store: Store,
        actor: Actor,
        integration_id: int,
        integration_name: str,
        existing: Notification | None = None,
    ) -> None:
        super().__init__()
        self._existing = existing
        if existing is not None:
            self.SAVE_LABEL = "Save"
        self._store = store
        self._actor = actor
        self._integration_id = integration_id
        self._integration_name = integration_name

    def heading(self) -> str:
        """Of which integration."""
        return f"Who is told of failures of {self._integration_name}"

    @property
    def draft_name(self) -> str:
        """One for new ones of an integration, and one for each that is changed."""
        which = "new" if self._existing is None else self._existing.id
        return f"integration-{self._integration_id}-notification-{which}"

    def fields(self) -> Iterable[Field]:
        """All of them; those of other kinds are hidden."""
        one = self._existing
        values = NotificationValues("command", interval=USUAL_INTERVAL) if one is None else values_of(one)
        kinds = [(words, kind) for words, kind in KINDS if one is None or kind == one.kind]
        kind = Choice(kinds, value=values.kind, allow_blank=False, compact=True)
        yield Field("kind", "Who is told", kind, "When a run or build fails, and when it is well again")
        command = TextInput(shlex.join(values.command), "/usr/local/bin/page-me --team x")
        yield Field("command", "Command", command, "A program, run without a shell")
        url = TextInput(values.url, "https://hooks.example.com/pandium")
        yield Field("url", "Address", url, "Gets a POST with JSON; https, plain http only on this machine")
        kept = "Empty: as before. " if one is not None else ""
        yield Field("secret", "Secret", TokenInput(), f"{kept}Signs the messages; sealed, it cannot be shown again")
        addresses = TextInput(", ".join(values.to), "ops@example.com, me@example.com")
        yield Field("to", "E-mail", addresses, "Addresses with commas between")
        hint = "Seconds; what happens meanwhile is told in one message"
        yield Field("interval", "At most every", TextInput(str(values.interval)), hint)

    def show_and_hide(self, raw: Raw) -> None:
        """Each kind has its own fields."""
        shown = _FIELDS_OF[raw["kind"]]
        for name in ("command", "url", "secret", "to"):
            self._fields[name].display = name in shown

    def check(self, raw: Raw) -> Checked:
        """What the hub says about the values."""
        try:
            keeps_secret = self._existing is not None
            return Checked(problems_of(self._store.settings, _values(raw), keeps_secret=keeps_secret))
        except InvalidError as error:
            return Checked(error.problems)

    def save(self, raw: Raw) -> int:
        """Add or change it."""
        if self._existing is not None:
            return edit_notification(self._store, self._existing.id, _values(raw), self._actor).id
        return add_notification(self._store, self._integration_id, _values(raw), self._actor).id


def _values(raw: Raw) -> NotificationValues:
    try:
        command = tuple(shlex.split(raw["command"])) if raw["kind"] == "command" else ()
    except ValueError as error:
        raise InvalidError({"command": str(error)}) from None
    interval = raw["interval"].strip()
    if not (interval.isascii() and interval.isdecimal() and len(interval) < 10):
        raise InvalidError({"interval": "must be a number of seconds"})
    secret = raw["secret"].strip()
    return NotificationValues(
        raw["kind"],
        command=command,
        url=raw["url"].strip(),
        to=tuple(part for part in raw["to"].replace(",", " ").split() if part),
        interval=int(interval),
        secret=Secret(secret) if secret else None,
    )
