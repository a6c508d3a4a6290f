"""How each screen of the app is opened: its class, and what is looked at on it once it is there.

A screen that is not here fails ``test_every_screen.py``.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from textual.screen import Screen

from pandium_tui.app import PandiumApp
from pandium_tui.crash import Crash
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.bulk import Change
from pandium_tui.hub.connection_states import ValueState
from pandium_tui.hub.connections import connections
from pandium_tui.hub.connector_offers import connection_fields, methods_of, offered
from pandium_tui.hub.connectors import connectors
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.listings import listing
from pandium_tui.hub.notifications import notifications
from pandium_tui.hub.releases import releases
from pandium_tui.hub.source_accounts import source_accounts
from pandium_tui.hub.tenants import tenant, tenants
from pandium_tui.manifest.form.building import build_form
from pandium_tui.manifest.form.form import Form as SettingsForm
from pandium_tui.screens.audit import AuditPage
from pandium_tui.screens.build_form import BuildForm
from pandium_tui.screens.bulk import BulkScreen
from pandium_tui.screens.cockpit import CockpitPage
from pandium_tui.screens.connection_form import ConnectionForm
from pandium_tui.screens.connections import ConnectionsPage
from pandium_tui.screens.connector_forms import ConnectorForm, OfferScreen, ProvisionForm
from pandium_tui.screens.crash_notice import CrashNotice
from pandium_tui.screens.health import HealthPage
from pandium_tui.screens.help import HelpScreen
from pandium_tui.screens.home import HomePage
from pandium_tui.screens.integration.listing_preview import MarkdownScreen, PreviewScreen
from pandium_tui.screens.integration.listing_words import images_in_words
from pandium_tui.screens.integration.move_form import MoveForm
from pandium_tui.screens.integration.option_form import OptionForm
from pandium_tui.screens.integration.page import IntegrationPage
from pandium_tui.screens.integration.setup_repository import SetupFiles, SetupForm
from pandium_tui.screens.integration_form import IntegrationForm
from pandium_tui.screens.jump import JumpScreen
from pandium_tui.screens.leave import Active, LeaveScreen
from pandium_tui.screens.metadata_form import MetadataForm
from pandium_tui.screens.notification_form import NotificationForm
from pandium_tui.screens.notifications import NotificationsPage
from pandium_tui.screens.pictures import PicturesPage
from pandium_tui.screens.release import ReleasePage
from pandium_tui.screens.rerun_form import RerunForm, open_rerun_form
from pandium_tui.screens.reveal import RevealQuestion, RevealScreen
from pandium_tui.screens.run import RunPage
from pandium_tui.screens.settings.dialogs import FileForm, FindField
from pandium_tui.screens.settings.page import SettingsPage
from pandium_tui.screens.settings.row_forms import EntryForm, RowForm
from pandium_tui.screens.source_account_form import SourceAccountForm
from pandium_tui.screens.source_accounts import SourceAccountsPage
from pandium_tui.screens.target_choice import TargetChoice
from pandium_tui.screens.tenant import TenantPage
from pandium_tui.screens.tenant_form import TenantForm, open_tenant_form
from pandium_tui.screens.text_screen import TextScreen
from pandium_tui.screens.waiting import Scope, WaitingPage
from pandium_tui.sources.scaffold import PlannedFile, ScaffoldPlan, scaffold_files
from pandium_tui.storage.records import ScheduleOption
from pandium_tui.storage.vault import Secret
from pandium_tui.widgets.column_choice import ColumnChoice
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.notice import Notice
from tests.screens.crowd import HOSTILE, Place
from tests.screens.filling import ago

ACTOR = Actor("ada", "hub")
TEXTS = {
    "none": (),
    "few": ("acme: its schedule stops", "globex: run 2 is going on and ends by itself"),
    "many": tuple(f"{number} {HOSTILE[number % len(HOSTILE)]}" for number in range(70)),
}
"""Lines for screens that show what they are given."""

AnyScreen = Screen[Any]


@dataclass(frozen=True)
class Opening:
    """A screen: how it is opened, and the keys that lead from one look at it to the next.

    Attributes:
        opened: makes it, or opens it by keys and gives back None.
        looks: the name of each look at it, and the keys before.
        amounts: with which amounts of rows it can be opened.
    """

    screen: type[AnyScreen]
    opened: Callable[[PandiumApp, Place], AnyScreen | Awaitable[AnyScreen | None] | None]
    looks: dict[str, tuple[str, ...]]
    amounts: tuple[str, ...] = ("none", "few", "many")

    async def open(self, app: PandiumApp, place: Place) -> None:
        """Open it over the page on top."""
        made = self.opened(app, place)
        screen = await made if isawaitable(made) else made
        if screen is not None:
            await app.push_screen(screen)


def look(
    name: str,
    screen: type[AnyScreen],
    opened: Callable[[PandiumApp, Place], AnyScreen | Awaitable[AnyScreen | None] | None],
    *keys: str,
    amounts: tuple[str, ...] = ("none", "few", "many"),
) -> Opening:
    """A screen that is looked at once."""
    return Opening(screen, opened, {name: keys}, amounts)


def _text(place: Place, number: int = 6) -> str:
    return HOSTILE[number % len(HOSTILE)] if place.amount == "many" else "Contacts of acme"


def _scope(place: Place) -> Scope:
    return Scope(("many",), integration_id=place.integration_id)


def _integration_form(app: PandiumApp, place: Place) -> IntegrationForm:
    changed = None if place.amount == "none" else integration(app.store, place.integration_id)
    return IntegrationForm(app.store, ACTOR, changed)


def _build_form(app: PandiumApp, place: Place) -> BuildForm:
    return BuildForm(app.store, ACTOR, integration(app.store, place.integration_id))


async def _tenant_form(app: PandiumApp, place: Place) -> TenantForm:
    changed = None if place.amount == "none" else tenant(app.store, place.tenant_id)
    of = place.integration_id if changed is None else changed.integration_id
    return await open_tenant_form(app.screen, of, changed)  # type: ignore[arg-type]


def _metadata_form(app: PandiumApp, place: Place) -> MetadataForm:
    return MetadataForm(app.store, ACTOR, tenant(app.store, place.tenant_id))


async def _rerun_form(app: PandiumApp, place: Place) -> RerunForm:
    return await open_rerun_form(app.screen, place.run_id)  # type: ignore[arg-type]


def _notification_form(app: PandiumApp, place: Place) -> NotificationForm:
    existing = notifications(app.store, place.integration_id)
    return NotificationForm(app.store, ACTOR, place.integration_id, "crm-sync", existing[0] if existing else None)


def _account_form(app: PandiumApp, place: Place) -> SourceAccountForm:
    existing = source_accounts(app.store)
    return SourceAccountForm(app.store, ACTOR, existing[0] if existing else None)


def _connection_form(app: PandiumApp, place: Place) -> ConnectionForm:
    one = connections(app.store, place.tenant_id)[0]
    return ConnectionForm(app.store, ACTOR, one, connection_fields(app.store, one.connector_id))


def _connector_form(app: PandiumApp, place: Place) -> ConnectorForm:
    offers = {one.name: one for one in offered(app.store, place.integration_id)}
    name = {"none": "api_key", "few": "hubspot", "many": "aws"}[place.amount]
    return ConnectorForm(app.store, ACTOR, place.integration_id, offers[name])


def _provision_form(app: PandiumApp, place: Place) -> ProvisionForm:
    one = connectors(app.store, place.integration_id)[0]
    methods = [(method.label, method.id) for method in methods_of(app.store, one.catalogue_id)]
    return ProvisionForm(app.store, ACTOR, one, methods)


def _option_form(app: PandiumApp, place: Place) -> OptionForm:
    option = {"none": ScheduleOption("", ""), "few": ScheduleOption("Hourly", "0 * * * *")}
    return OptionForm(option.get(place.amount, ScheduleOption(_text(place), "*/7 2 31 * mon")), (), "UTC")


def _move_form(app: PandiumApp, place: Place) -> MoveForm:
    selected = tenant(app.store, place.tenant_id)
    of = selected.integration_id
    ready = [one for one in releases(app.store, of) if one.status == "Ready"]
    return MoveForm(app.store, ACTOR, integration(app.store, of), ready, selected, tenants(app.store, of))


def _setup_files(app: PandiumApp, place: Place) -> SetupFiles:
    one = integration(app.store, place.integration_id)
    states = {"README.md": "differs", "pandium.py": "same"} if place.amount == "few" else {}
    files = [
        PlannedFile(path, content, states.get(path, "new"))  # type: ignore[arg-type]
        for path, content in scaffold_files("python", "crm").items()
    ]
    if place.amount == "many":
        files = [PlannedFile(f"{text[:200]}/main.py", b"x\n" * 5000, "differs") for text in TEXTS["many"][:20]]
    return SetupFiles(app.store, ACTOR, one, ScaffoldPlan("python", "setup", "0" * 40, True, tuple(files)))


def _find_field(app: PandiumApp, place: Place) -> FindField:
    return FindField([(number, text, text) for number, text in enumerate(TEXTS[place.amount])])


def _settings_form(place: Place) -> SettingsForm:
    many = place.amount == "many"
    row = {
        "name": {"type": "string", "title": _text(place), "description": _text(place, 0)},
        "count": {"type": "integer", "title": "How many", "default": 10**30 if many else 3},
    }
    schema = {
        "type": "object",
        "properties": {
            "rows": {"type": "array", "title": "Rows", "items": {"type": "object", "properties": row}},
            "words": {"type": "array", "title": _text(place), "items": {"type": "string", "description": "A word"}},
        },
    }
    return build_form(schema, None, dynamic_known=True)


def _row_form(app: PandiumApp, place: Place) -> RowForm:
    form = _settings_form(place)
    field = form.field_at("/rows")
    assert field is not None
    row = {} if place.amount == "none" else {"name": _text(place, 2)}
    return RowForm(f"Rows, row 1 ({_text(place)})", form.row_form(field), row, "")


def _entry_form(app: PandiumApp, place: Place) -> EntryForm:
    field = _settings_form(place).field_at("/words")
    assert field is not None
    assert field.item is not None
    return EntryForm(f"{_text(place)}, row 1", field.item, None if place.amount == "none" else _text(place, 2), "")


def _bulk(app: PandiumApp, place: Place) -> BulkScreen:
    changes = [
        Change(number, text, _text(place, number) if number % 3 else "", "" if number % 3 else "it is archived")
        for number, text in enumerate(TEXTS[place.amount])
    ]
    return BulkScreen("Pause", changes, lambda dry: changes)


def _targets(app: PandiumApp, place: Place) -> TargetChoice:
    targets: list[tuple[str, int | str]] = [("Default: follows the default release, now none", "Default")]
    targets += [(text, number) for number, text in enumerate(TEXTS[place.amount])]
    return TargetChoice(f"Move 2 tenants of {_text(place)} to", targets, app.store)


def _leave(app: PandiumApp, place: Place) -> LeaveScreen:
    active = [Active("run", number, text, "Running") for number, text in enumerate(TEXTS[place.amount])]
    return LeaveScreen(app.store, ACTOR, active or [Active("build", 1, "crm-sync-1", "Building")])


def _reveal_question(app: PandiumApp, place: Place) -> RevealQuestion:
    labels = TEXTS[place.amount][:7] or ("Access token",)
    values = [
        ValueState(f"v{number}", label, True, None, True, "3fa2c1", ago(hours=1)) for number, label in enumerate(labels)
    ]
    return RevealQuestion(f"crm-main of {_text(place)}", values)


def _reveal(app: PandiumApp, place: Place) -> RevealScreen:
    value = {"none": "s3cret", "few": "-----BEGIN KEY-----\nMIIEvQ\n-----END KEY-----"}.get(
        place.amount, "\n".join(HOSTILE)
    )
    return RevealScreen("access_token: crm-main of acme", Secret(value))


def _preview(app: PandiumApp, place: Place) -> PreviewScreen:
    content = listing(app.store, place.integration_id).content
    return PreviewScreen(content, images_in_words(content))


def _confirm(app: PandiumApp, place: Place) -> Confirm:
    return Confirm(f"Archive the integration {_text(place)}?", TEXTS[place.amount], yes="Archive")


def _notice(app: PandiumApp, place: Place) -> Notice:
    return Notice("The listing of crm-sync cannot be published yet:", TEXTS[place.amount] or ("Logo: missing",))


def _by_action(action: str) -> Callable[[PandiumApp, Place], None]:
    def opened(app: PandiumApp, place: Place) -> None:
        getattr(app, f"action_{action}")()

    return opened


async def _columns(app: PandiumApp, place: Place) -> None:
    from pandium_tui.widgets.record_list import RecordList

    app.screen.query_one(RecordList).action_columns()


HOME = (
    look("home", HomePage, lambda app, place: None),
    look("help", HelpScreen, _by_action("help")),
    look("jump", JumpScreen, _by_action("jump")),
    look("columns", ColumnChoice, _columns),
)

OF_THE_STORE = (
    look("cockpit", CockpitPage, lambda app, place: CockpitPage()),
    look("accounts", SourceAccountsPage, lambda app, place: SourceAccountsPage()),
    look("account-form", SourceAccountForm, _account_form),
    look("audit", AuditPage, lambda app, place: AuditPage()),
    look("waiting", WaitingPage, lambda app, place: WaitingPage()),
    look("pictures", PicturesPage, lambda app, place: PicturesPage()),
    look("health", HealthPage, lambda app, place: HealthPage()),
)

OF_AN_INTEGRATION = (
    Opening(
        IntegrationPage,
        lambda app, place: IntegrationPage(place.integration_id),
        {
            "integration-activity": (),
            "integration-tenants": ("v",),
            "integration-releases": ("v",),
            "integration-configure": ("2",),
            "integration-marketplace": ("3",),
            "integration-connectors": ("4",),
        },
    ),
    look("notifications", NotificationsPage, lambda app, place: NotificationsPage(place.integration_id, "crm-sync")),
    look("integration-waiting", WaitingPage, lambda app, place: WaitingPage(_scope(place))),
    look("integration-pictures", PicturesPage, lambda app, place: PicturesPage(_scope(place))),
    look("integration-audit", AuditPage, lambda app, place: AuditPage(_scope(place))),
)

OF_A_TENANT = (
    look("tenant", TenantPage, lambda app, place: TenantPage(place.tenant_id)),
    look("settings", SettingsPage, lambda app, place: SettingsPage(place.tenant_id)),
    look("connections", ConnectionsPage, lambda app, place: ConnectionsPage(tenant(app.store, place.tenant_id))),
    Opening(ReleasePage, lambda app, place: ReleasePage(place.release_id), {"release": (), "release-yaml": ("2",)}),
    look("run", RunPage, lambda app, place: RunPage(place.run_id)),
)

FORMS = (
    look("integration-form", IntegrationForm, _integration_form),
    look("build-form", BuildForm, _build_form),
    look("setup-form", SetupForm, lambda app, at: SetupForm(app.store, integration(app.store, at.integration_id))),
    look("option-form", OptionForm, _option_form),
    look("move-form", MoveForm, _move_form),
    look("tenant-form", TenantForm, _tenant_form),
    look("metadata-form", MetadataForm, _metadata_form),
    look("rerun-form", RerunForm, _rerun_form),
    look("notification-form", NotificationForm, _notification_form),
    look("connection-form", ConnectionForm, _connection_form, amounts=("few", "many")),
    look("connector-form", ConnectorForm, _connector_form),
    look("provision-form", ProvisionForm, _provision_form, amounts=("few", "many")),
    look("row-form", RowForm, _row_form),
    look("entry-form", EntryForm, _entry_form),
    look(
        "file-form",
        FileForm,
        lambda app, at: FileForm("Import settings", "JSON or YAML; replaces what stands in the form.", str, "Import"),
        amounts=("none",),
    ),
)

DIALOGS = (
    look("confirm", Confirm, _confirm),
    look("notice", Notice, _notice),
    look(
        "crash-notice",
        CrashNotice,
        lambda app, at: CrashNotice(Crash("KeyError", "screens/run.py:88", "The report is in /home/ada/crash.txt.")),
        amounts=("none",),
    ),
    look("text", TextScreen, lambda app, at: TextScreen(f"Settings of {_text(at)}", "\n".join(TEXTS[at.amount]))),
    look("bulk", BulkScreen, _bulk),
    look("target-choice", TargetChoice, _targets),
    look("leave", LeaveScreen, _leave),
    look("reveal-question", RevealQuestion, _reveal_question),
    look("reveal", RevealScreen, _reveal),
    look("find-field", FindField, _find_field),
    look("offers", OfferScreen, lambda app, at: OfferScreen(offered(app.store, at.integration_id))),
    look("setup-files", SetupFiles, _setup_files),
    look("preview", PreviewScreen, _preview),
    look("markdown", MarkdownScreen, lambda app, at: MarkdownScreen(_text(at), "\n\n".join(TEXTS[at.amount]))),
)

EVERY_SCREEN = {
    "home": HOME,
    "store": OF_THE_STORE,
    "integration": OF_AN_INTEGRATION,
    "tenant": OF_A_TENANT,
    "forms": FORMS,
    "dialogs": DIALOGS,
}
"""In groups that are opened in one app each."""
