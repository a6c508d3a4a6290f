"""What a person does with a connection, the same on a tenant's page and on the integration's."""

from collections.abc import Sequence
from dataclasses import replace

from pandium_tui.hub.connection_states import ValueState
from pandium_tui.hub.connections import Connection, connection, disconnect, set_disabled
from pandium_tui.hub.connections import test_connection as try_connection
from pandium_tui.hub.connector_offers import connection_fields
from pandium_tui.hub.connectors import Connector
from pandium_tui.hub.revealing import SecretPlace, reveal
from pandium_tui.screens.init_question import offer_init_runs
from pandium_tui.screens.page import FINAL, Page
from pandium_tui.storage.vocabulary import DISABLED
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.key_words import key_of


async def connect(page: Page, connector_id: int, tenant_id: int | None) -> None:
    """Connect or reconnect in the form; tell what was corrected or is odd."""
    from pandium_tui.screens.connection_form import ConnectionForm
    from pandium_tui.screens.connections import ConnectionsPage

    one = await page.do(connection, page.store, connector_id, tenant_id)
    fields = await page.do(connection_fields, page.store, connector_id)
    if one is None or fields is None:
        return
    form = ConnectionForm(page.store, page.actor, one, fields)
    if await page.app.push_screen_wait(form) is None or form.saved is None:
        return
    for line in (*form.saved.notices, *form.saved.warnings):
        page.tell(line)
    key = key_of(page, "connections.test", ConnectionsPage)
    page.tell(f"{one.connector} of {one.whose} is connected, and not tested yet ({key}).")
    if tenant_id is not None:
        await offer_init_runs(page, [tenant_id])


async def test(page: Page, connector_id: int, tenant_id: int | None) -> None:
    """Ask the vendor, and tell what it says."""
    page.tell("Testing: the vendor is asked, ten seconds at most.")
    tested = await page.do_long(try_connection, page.store, connector_id, tenant_id, page.actor)
    if tested is not None:
        page.tell(
            f"{'✓' if tested.is_good else '✗'} {tested.connector} of {tested.whose}: {tested.words or tested.status}"
        )


async def remove(page: Page, connector_id: int, tenant_id: int | None) -> None:
    """Disconnect after a question."""
    one = await page.do(connection, page.store, connector_id, tenant_id)
    if one is None:
        return
    affected = [
        f"Its secrets are deleted for good. {FINAL}",
        "Runs that need it are refused until it is connected again.",
    ]
    question = f"Disconnect {one.connector} of {one.whose}?"
    if await page.app.push_screen_wait(Confirm(question, affected, yes="Disconnect")):
        await page.do(disconnect, page.store, connector_id, tenant_id, page.actor)


async def toggle(page: Page, connector_id: int, tenant_id: int | None) -> None:
    """Disable a connection, or let it be used again."""
    one = await page.do(connection, page.store, connector_id, tenant_id)
    if one is not None:
        off = one.status != DISABLED
        if await page.do(set_disabled, page.store, connector_id, tenant_id, off, page.actor) is not None:
            page.tell(f"{one.connector} of {one.whose} is {'disabled' if off else 'enabled'} now.")


async def show_secret(page: Page, connector_id: int, tenant_id: int | None) -> None:
    """Show a secret value of a connection."""
    one = await page.do(connection, page.store, connector_id, tenant_id)
    if one is not None:
        await _show(page, f"{one.connector} of {one.whose}", one.values, SecretPlace(connector_id, tenant_id, ""))


async def show_provisioning_secret(page: Page, one: Connector) -> None:
    """Show a secret provisioning value of a connector."""
    whose = f"the provisioning of {one.name} of {one.integration_name}"
    await _show(page, whose, one.provisioning, SecretPlace(one.id, None, "", provisioning=True))


async def _show(page: Page, whose: str, among: Sequence[ValueState], place: SecretPlace) -> None:
    """Show one of the secret values, after a question of its own; never two at a time."""
    from pandium_tui.screens.reveal import RevealQuestion, RevealScreen

    if any(isinstance(screen, RevealScreen) for screen in page.app.screen_stack):
        return
    values = [value for value in among if value.secret and value.is_set]
    if not values:
        page.tell(f"{whose} has no secret value.")
        return
    if not page.store.settings.reveal_secrets:
        page.tell("Secrets are write-only here (reveal_secrets = false in config.toml).")
        return
    name = await page.app.push_screen_wait(RevealQuestion(whose, values))
    if name is None:
        return
    secret = await page.do(reveal, page.store, replace(place, field=name), page.actor)
    if secret is not None:
        await page.app.push_screen_wait(RevealScreen(f"{name}: {whose}", secret))


def current(found: list[Connection], connector_id: int | None) -> Connection | None:
    """The connection of this connector."""
    return next((one for one in found if one.connector_id == connector_id), None)
