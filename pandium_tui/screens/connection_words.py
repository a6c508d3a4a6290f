"""What is said about connectors and connections. Secret values are never among it."""

import re
import textwrap
from collections.abc import Iterable

from rich.text import Text

from pandium_tui.hub.connection_states import ValueState
from pandium_tui.hub.connections import Connection
from pandium_tui.hub.connectors import Connector
from pandium_tui.storage.vocabulary import (
    BROKEN,
    CONNECTED,
    DISABLED,
    EXPIRING,
    LOCKED,
    NEVER_TESTED,
    NOT_CONNECTED,
    RECONNECT,
)
from pandium_tui.widgets.facts import Fact
from pandium_tui.widgets.key_words import KeyNames
from pandium_tui.widgets.secret_input import MASK
from pandium_tui.widgets.when import NOTHING, When

_SIGNS = {
    NOT_CONNECTED: ("○", ""),
    CONNECTED: ("✓", "green"),
    NEVER_TESTED: ("·", ""),
    EXPIRING: ("!", "yellow"),
    RECONNECT: ("✗", "red"),
    BROKEN: ("✗", "red"),
    LOCKED: ("✗", "red"),
    DISABLED: ("‖", "yellow"),
}


def status_text(status: str, tested: str = "") -> Text:
    """A status by a sign and a word; green only what a test has proven."""
    sign, style = _SIGNS[status]
    return Text(f"{sign} {status}{f' (tested {tested})' if tested and status == CONNECTED else ''}", style=style)


def connector_status(one: Connector) -> Text:
    """How a connector stands: its own connection when global, else how many tenants are connected."""
    if one.problem:
        return Text("! not provisioned", style="yellow")
    if one.status is not None:
        return status_text(one.status)
    count = len(one.connected) + len(one.not_connected)
    sign = "○" if one.not_connected or not count else "·"
    return Text(f"{sign} {len(one.connected)} of {count} tenants")


def connector_words(one: Connector, when: When) -> str:
    """Everything about a connector but its connections."""
    whose = "one connection for all tenants (global)" if one.scope == "global" else "each tenant connects its own"
    needed = "; optional: runs start without it" if one.optional else ""
    lines = [f"{one.name}: {one.label}, {one.method_label}; {whose}{needed}"]
    if one.pasted_token:
        lines.append("  Its sign-in is not there yet: a token is pasted, and nothing renews it when it expires.")
    if one.problem:
        lines.append(f"! {one.problem}")
    if one.provisioning:
        lines += ["", "Provisioning", *value_lines(one.provisioning, when)]
    if one.scope == "tenant":
        lines += ["", f"Connected      {', '.join(one.connected) or NOTHING}"]
        lines += [f"Not connected  {', '.join(one.not_connected) or NOTHING}"]
    return "\n".join(lines)


def connection_words(one: Connection, when: When) -> str:
    """Everything about a connection."""
    lines = [f"{one.connector} of {one.whose}: {one.label}, {one.method_label}"]
    tested = f", tested {when.both(one.tested_date)}" if one.tested_date else ""
    lines.append(f"{status_text(one.status)}{tested}")
    if one.words:
        lines.append(f"  {one.words}")
    if one.optional:
        lines.append("  Optional: runs start without it.")
    if one.pasted_token and one.modified_date:
        lines.append("  The token was pasted: nothing renews it when it expires.")
    if one.expires_date:
        lines.append(f"  Expires {when.both(one.expires_date)}")
    if one.modified_date:
        lines += ["", "Values", *value_lines(one.values, when)]
    if one.trap:
        lines += ["", f"Good to know: {one.trap}"]
    return "\n".join(lines)


def connector_facts(found: list[Connection], key: KeyNames) -> list[Fact]:
    """The line of a tenant's page about its connectors; none where the integration has none."""
    if not found:
        return []
    words = ", ".join(f"{one.connector} {status_text(one.status)}" for one in found)
    return [("Connectors", f"{words} ({key('tenant.connectors')})")]


def wrapped(text: str, width: int) -> str:
    """The text with lines broken to the width; what is indented or a comment goes on so."""
    lines = []
    for line in text.splitlines():
        begin = re.match(r"[ #]*", line)
        indent = begin[0] if begin else ""
        lines += textwrap.wrap(line, max(width, 20), subsequent_indent=indent, break_on_hyphens=False) or [""]
    return "\n".join(lines)


def value_lines(values: Iterable[ValueState], when: When) -> list[str]:
    """A line a value; secret ones as a mask of one width, with what tells them apart."""
    return [f"  {value.label:<20} {_value_words(value, when)}" for value in values]


def _value_words(value: ValueState, when: When) -> str:
    if not value.is_set:
        return NOTHING
    if not value.secret:
        return value.value or NOTHING
    return f"{MASK}  set {when.moment(value.set_date)}, fingerprint {value.fingerprint}"
