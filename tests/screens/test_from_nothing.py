"""From nothing to a published integration with two connected tenants and succeeded runs: by keys alone, at 80x24."""

from collections.abc import Callable

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widget import Widget

from pandium_tui.app import PandiumApp
from pandium_tui.hub.connections import connections
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.listings import listing
from pandium_tui.hub.tenants import tenants
from pandium_tui.screens.integration.option_rows import OptionRows
from pandium_tui.screens.settings.field_block import FieldBlock
from pandium_tui.widgets.field import Field
from tests.scenario import Scenario, commit, manifest
from tests.screens.log_files import wait_until
from tests.screens.test_widgets import screen_text

RUN = """echo "$PAN_CFG_TEAM has $PAN_SEC_HUBSPOT_ACCESS_TOKEN" >&2; echo '{"row": 7}'"""
CONFIGS = "{schema: {type: object, required: [team], properties: {team: {type: string, title: Team}}}}"
TYPED = 8
"""Characters up to which a text is typed: each key is a round through the app."""


class Keyboard:
    """A person who looks at the screen and presses keys."""

    def __init__(self, app: PandiumApp, pilot: Pilot[None]) -> None:
        self._app = app
        self._pilot = pilot

    async def press(self, *keys: str, see: str = "") -> None:
        """Press keys, then wait until the screen says something."""
        await self._pilot.press(*keys)
        if see:
            await wait_until(self._pilot, lambda: see in screen_text(self._app), 60, every=0.05)

    async def write(self, label: str, text: str) -> None:
        """Go to the field of this name and type into it; what is long is pasted, as a person does it."""
        await self.go_to(lambda: label == self._label())
        if len(text) <= TYPED:
            await self._pilot.press(*text)
        elif (field := self._app.focused) is not None:
            field.post_message(events.Paste(text))
            await self._pilot.pause()

    async def go_to(self, there: Callable[[], bool]) -> None:
        """Tab until the focus is there."""
        for _ in range(40):
            if there():
                return
            await self._pilot.press("tab")
        raise AssertionError("Tab does not lead there")

    def is_on(self, kind: type[Widget]) -> bool:
        """Whether such a widget has the focus."""
        return isinstance(self._app.focused, kind)

    def _label(self) -> str:
        around = [] if self._app.focused is None else self._app.focused.ancestors
        for one in around:
            if isinstance(one, Field):
                return one.label.removesuffix(" *")
            if isinstance(one, FieldBlock):
                return one.field.label
        return ""


async def test_from_nothing_to_published_by_keys_alone(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PANDIUM_TUI_KEY", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    store, repository = scenario.store, scenario.folder / "r"
    described = manifest(RUN, configs=CONFIGS) + "connectors: [hubspot]\n"
    commit(repository, {"PANDIUM.yaml": described})
    app = PandiumApp(store.settings, store, embedded_engine=False)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        person = Keyboard(app, pilot)
        await person.press(see="No integrations yet")
        await person.press("n", see="New integration")
        await person.write("Name", "crm")
        await person.write("Repository", str(repository))
        await person.press("ctrl+s", see="press b to build one")

        await person.press("b", see="Build a release of crm")
        await person.press("ctrl+s", see="✓ Ready")
        await person.press("d", see="default, latest")
        await person.press("escape", see="crm-1; new tenants begin running")

        await person.press("2", see="Remote repository settings")
        await person.press("enter")
        await person.go_to(lambda: person.is_on(OptionRows))
        await person.press("a", see="New schedule option")
        await person.write("Label", "Workdays")
        await person.write("Cron expression", "30 6 * * mon-fri")
        await person.press("ctrl+s", see="Not saved (ctrl+s): Schedule options")
        await person.press("d", "ctrl+s", see="Saved.")

        await person.press("escape", "4", see="what")
        await person.press("a", see="named by PANDIUM.yaml")
        await person.press("enter", see="Whose connection")
        await person.press("ctrl+s", see="0 of 0 tenants")
        await person.press("e", see="Reprovision hubspot of crm")
        await person.write("Client ID", "id-1")
        await person.write("Client secret", "a-client-secret")
        await person.press("ctrl+s", see="id-1")

        await person.press("1", "v", see="No tenants yet")
        for name in ("acme", "globex"):
            token = f"token-of-{name}"
            await person.press("c", see="New tenant of crm")
            await person.write("Name", name)
            await person.press("ctrl+s", see="Before a run: Team: required")
            await person.write("Team", "north")
            await person.press("ctrl+s", see="Saved; a run can start")
            await person.press("escape", see="hubspot ○ not connected (c)")
            await person.press("c", see="not connected")
            await person.press("enter", see="Connect hubspot of crm/")
            await person.write("Access token", token)
            await person.press("ctrl+s", see="connected (never tested)")
            await person.press("escape", see="Press r to run it now")
            await person.press("r", see="north has [redacted]")
            await person.press(see="✓ Succeeded")
            assert token not in screen_text(app)
            await person.press("escape", "escape", see="[Tenants")

        await person.press("3", see="State and publish")
        for label, text in (
            ("Display name", "CRM"),
            ("Tagline", "It syncs."),
            ("Short description", "Short."),
            ("Long description", "Long."),
            ("Logo", "https://a.io/l.png"),
            ("Categories", "CRM"),
            ("Developer", "Acme"),
            ("Support e-mail", "a@a.io"),
        ):
            await person.write(label, text)
        await person.press("ctrl+s", see="Saved.")
        await person.press("f4", see="Submit the listing for review?")
        await person.press("y", see="◐ In Review")
        await person.press("f5", see="Publish the listing?")
        await person.press("y", see="● Published")

    one = integration(store, "crm")
    assert listing(store, one.id).published
    assert [option.cron for option in one.schedule_options if option.default] == ["30 6 * * mon-fri"]
    found = tenants(store, one.id)
    assert [(tenant.name, tenant.schedule, tenant.configs) for tenant in found] == [
        (name, "30 6 * * mon-fri", {"team": "north"}) for name in ("acme", "globex")
    ]
    for tenant in found:
        assert tenant.last_run is not None
        assert tenant.last_run.phase == "Succeeded"
        # A run that succeeded with it is as good as a test.
        assert [connection.status for connection in connections(store, tenant.id)] == ["connected"]
