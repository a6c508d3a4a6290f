"""Adding a connector to an integration, and reprovisioning one."""

from collections.abc import Iterable
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from pandium_tui.connectors.definitions import Field as Definition
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.connector_changes import (
    ConnectorValues,
    Provisioned,
    add_connector,
    affected_by_provisioning,
    provision,
)
from pandium_tui.hub.connector_offers import Offer, provisioning_fields
from pandium_tui.hub.connectors import Connector
from pandium_tui.hub.errors import InvalidError
from pandium_tui.screens.connection_form import definition_field, given_values
from pandium_tui.screens.form import Checked, Form, Raw
from pandium_tui.storage.database import Store
from pandium_tui.storage.vault import Secret
from pandium_tui.text import visible
from pandium_tui.widgets.choice import Choice
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.text_input import TextInput
from pandium_tui.widgets.tick import Tick

NO_OFFER = "No connector has this in its name. Own definitions add some: pandium-tui help connectors."
SCOPES = (("Each tenant connects its own", "tenant"), ("Global: one connection for all tenants", "global"))


class OfferScreen(ModalScreen[Offer | None]):
    """Which connector to add; typing narrows the list."""

    DEFAULT_CSS = """
    OfferScreen { background: $background; }
    OfferScreen #heading { height: 1; padding: 0 1; background: $panel; text-style: bold; }
    OfferScreen OptionList { height: 1fr; border: none; }
    """
    BINDING_GROUP_TITLE = "Connectors to add"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="offers.cancel", tooltip="Add none"),
        Binding("down", "list", "List", id="offers.list", tooltip="From the filter to the list"),
    ]

    def __init__(self, offers: Iterable[Offer]) -> None:
        super().__init__()
        self._offers = tuple(offers)
        self._shown: tuple[Offer, ...] = ()

    def compose(self) -> ComposeResult:
        """A line to type in and the list."""
        yield Static("Add a connector: type to find it", id="heading", markup=False)
        yield TextInput(placeholder="name")
        yield OptionList(markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self, event: events.Mount) -> None:
        """Everything is offered at first."""
        self._show("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        self._show(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter takes what stands first."""
        if self._shown:
            self.dismiss(self._shown[0])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take this one."""
        self.dismiss(self._shown[event.option_index])

    def action_list(self) -> None:
        """To the list."""
        self.query_one(OptionList).focus()

    def _show(self, text: str) -> None:
        wanted = text.strip().lower()
        self._shown = tuple(one for one in self._offers if wanted in f"{one.name} {one.label}".lower())
        options = self.query_one(OptionList)
        options.clear_options()
        width = max((cell_len(visible(one.name)) for one in self._offers), default=0)
        found = [Option(_offer_words(one, width)) for one in self._shown]
        options.add_options(found or [Option(NO_OFFER, disabled=True)])
        options.highlighted = 0 if self._shown else None


class _ProvisioningForm(Form):
    """The method, and the provisioning fields of each method; only those of the chosen one are shown."""

    def __init__(self, store: Store, actor: Actor, catalogue_id: str, methods: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._store = store
        self._actor = actor
        self._catalogue_id = catalogue_id
        self._methods = tuple(methods)
        self._of_method: dict[str, tuple[Definition, ...]] = {
            method: provisioning_fields(store, catalogue_id, method) for _, method in self._methods
        }

    def show_and_hide(self, raw: Raw) -> None:
        """Each method has its own fields."""
        for method, definitions in self._of_method.items():
            for entry in definitions:
                self._fields[f"{method}.{entry.name}"].display = method == raw["method"]

    def _method_field(self, now: str) -> Field:
        methods = Choice(self._methods, value=now, allow_blank=False, compact=True)
        return Field(
            "method", "How it connects", methods, "It says what is entered here and what each connection needs"
        )

    def _given(self, raw: Raw) -> dict[str, Secret]:
        method = raw["method"]
        return given_values(self._of_method[method], raw, f"{method}.")


class ConnectorForm(_ProvisioningForm):
    """Add a connector; its result is its id."""

    SAVE_LABEL = "Add"

    def __init__(self, store: Store, actor: Actor, integration_id: int, offer: Offer) -> None:
        methods = [(f"{one.label}{_PASTED if one.pasted_token else ''}", one.id) for one in offer.methods]
        super().__init__(store, actor, offer.catalogue_id, methods)
        self._integration_id = integration_id
        self._offer = offer

    def heading(self) -> str:
        """What is added."""
        return f"Add the connector {self._offer.label}"

    @property
    def draft_name(self) -> str:
        """One for each connector that is offered to an integration."""
        return f"integration-{self._integration_id}-connector-{self._offer.name}"

    def fields(self) -> Iterable[Field]:
        """Name, method, scope, provisioning."""
        yield Field("name", "Name", TextInput(self._offer.name), "Its variables are named after it: PAN_SEC_NAME_KEY")
        yield self._method_field(self._methods[0][1])
        scopes = Choice(SCOPES, value="tenant", allow_blank=False, compact=True)
        yield Field("scope", "Whose connection", scopes, "With whose credentials runs work")
        optional = Tick("runs start without it, too")
        yield Field("optional", "Optional", optional, "Not marked: no run starts before it is connected")
        for method, definitions in self._of_method.items():
            for entry in definitions:
                yield definition_field(entry, f"{method}.{entry.name}")

    def save(self, raw: Raw) -> int:
        """Add it."""
        name, given = raw["name"].strip(), self._given(raw)
        values = ConnectorValues(name, self._catalogue_id, raw["method"], raw["scope"], given, raw["optional"])
        try:
            return add_connector(self._store, self._integration_id, values, self._actor).id
        except InvalidError as error:
            raise _prefixed(error, raw["method"], self._fields) from None


class ProvisionForm(_ProvisioningForm):
    """Change the provisioning of a connector; ``done`` has what that did."""

    def __init__(self, store: Store, actor: Actor, connector: Connector, methods: Iterable[tuple[str, str]]) -> None:
        super().__init__(store, actor, connector.catalogue_id, methods)
        self._connector = connector
        self.done: Provisioned | None = None

    def heading(self) -> str:
        """What is provisioned."""
        return f"Reprovision {self._connector.name} of {self._connector.integration_name}"

    @property
    def draft_name(self) -> str:
        """One for each connector: it has the method, no value."""
        return f"connector-{self._connector.id}-provisioning"

    def fields(self) -> Iterable[Field]:
        """Method, its values, and the consent when somebody must reconnect."""
        yield self._method_field(self._connector.method)
        states = {f"{self._connector.method}.{value.name}": value for value in self._connector.provisioning}
        for method, definitions in self._of_method.items():
            for entry in definitions:
                name = f"{method}.{entry.name}"
                state = states.get(name)
                yield definition_field(
                    entry, name, is_set=bool(state and state.is_set), value=state.value if state else None
                )
        yield Field("confirmed", "Reconnecting", Tick("they will reconnect"), "Who must connect again")

    def check(self, raw: Raw) -> Checked:
        """Who would have to reconnect, which needs consent."""
        method = raw["method"] if raw["method"] != self._connector.method else ""
        try:
            given = self._given(raw)
        except InvalidError as error:
            return Checked(error.problems)
        affected = affected_by_provisioning(self._store, self._connector.id, given, method)
        if not affected:
            return Checked({}, {"confirmed": ""})
        words = "; ".join(affected)
        return Checked(
            {} if raw["confirmed"] else {"confirmed": f"{words}: mark it if they shall"}, {"confirmed": words}
        )

    def _show(self, checked: Checked) -> None:
        super()._show(checked)
        self._fields["confirmed"].display = bool(checked.hints.get("confirmed"))

    def save(self, raw: Raw) -> int:
        """Change it."""
        method = raw["method"] if raw["method"] != self._connector.method else ""
        try:
            self.done = provision(
                self._store,
                self._connector.id,
                self._given(raw),
                self._actor,
                method=method,
                even_if_connected=raw["confirmed"],
            )
        except InvalidError as error:
            raise _prefixed(error, raw["method"], self._fields) from None
        return self._connector.id


_PASTED = " (paste a token for now)"


def _offer_words(one: Offer, width: int) -> str:
    """An offer in a line; ``width`` is that of the longest name."""
    name = set_cell_size(visible(one.name), width)
    words = f"{name}  {one.label}" if one.name != one.label else one.name
    if not one.catalogue_id:
        return visible(f"! {name}  named by PANDIUM.yaml, not in the catalogue: choose api_key or custom, name it so")
    marks = [mark for mark, has in (("named by PANDIUM.yaml", one.from_manifest), ("your own", one.own)) if has]
    return visible(f"{'★ ' if one.from_manifest else '  '}{words}" + (f"  ({', '.join(marks)})" if marks else ""))


def _prefixed(error: InvalidError, method: str, fields: dict[str, Field]) -> InvalidError:
    """The same by the names of the form's fields."""
    names = {name: f"{method}.{name}" for name in error.problems if f"{method}.{name}" in fields}
    return InvalidError({names.get(name, name): problem for name, problem in error.problems.items()})
