"""Add or change a tenant."""

from collections.abc import Iterable
from typing import Any, ClassVar

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.configs import config_template, declared_names, lines_to_keep, parse_config_lines, secret_configs
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.naming import NAME_HELP
from pandium_tui.hub.releases import release, releases
from pandium_tui.hub.schedule_options import default_option, same_schedule
from pandium_tui.hub.settings_form import move_tenants
from pandium_tui.hub.tenants import TenantValues, create_tenant, edit_tenant, problems_of, schedule_problem
from pandium_tui.screens.form import Checked, Form, Raw
from pandium_tui.screens.page import Page
from pandium_tui.screens.schedule_words import DIALECT, explained
from pandium_tui.screens.tenant_words import move_words
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Integration, Release, Tenant
from pandium_tui.text import visible
from pandium_tui.widgets.choice import Choice
from pandium_tui.widgets.field import Field, LinesInput
from pandium_tui.widgets.text_input import TextInput
from pandium_tui.widgets.tick import Tick
from pandium_tui.widgets.zone_input import ZoneInput

BY_HAND = "by hand"
OWN = "own"
RELEASES_OFFERED = 50


async def open_tenant_form(page: Page, integration_id: int, tenant: Tenant | None = None) -> "TenantForm":
    """The form, after what it offers was read; to be pushed by a page."""
    parent = await page.fetch(integration, page.store, integration_id)
    newest = await page.fetch(releases, page.store, integration_id, limit=RELEASES_OFFERED)
    offered = [one for one in newest if one.status == "Ready" and one.retired_date is None]
    for wanted in {parent.default_release_id, tenant.release_id if tenant else None} - {one.id for one in offered}:
        if wanted is not None:
            offered.append(await page.fetch(release, page.store, wanted))
    return TenantForm(page.store, page.actor, parent, offered, tenant)


class TenantForm(Form):
    """The form; with a tenant it changes that one."""

    FIELD_OF: ClassVar[dict[str, str]] = {
        "integration_release_id": "release",
        "integration_release_channel": "release",
    }

    def __init__(
        self,
        store: Store,
        actor: Actor,
        integration: Integration,
        offered: list[Release],
        tenant: Tenant | None = None,
    ) -> None:
        """Make the form; ``offered`` are the releases that can be chosen."""
        super().__init__()
        self._store = store
        self._actor = actor
        self._integration = integration
        self._offered = {one.id: one for one in offered}
        self._tenant = tenant
        self._template = ""
        self._secret: dict[int | None, frozenset[str]] = {}

    def heading(self) -> str:
        """What the form is for."""
        if self._tenant is None:
            return f"New tenant of {self._integration.name}"
        return f"Edit tenant {self._integration.name}/{self._tenant.name}"

    @property
    def draft_name(self) -> str:
        """One for new tenants of an integration, and one for each that is changed."""
        if self._tenant is None:
            return f"integration-{self._integration.id}-tenant-new"
        return f"tenant-{self._tenant.id}-edit"

    def without_secrets(self, name: str, value: Any) -> Any:
        """Settings that some release calls secret may have been written here by mistake."""
        if name != "configs":
            return value
        secret = frozenset[str]().union(*(self._secret_for(number) for number in self._offered))
        known = set(self._tenant.configs if self._tenant else ())
        for one in self._offered.values():
            known |= declared_names(one)
        return lines_to_keep(value, known, secret)

    def fields(self) -> Iterable[Field]:
        """All of them."""
        tenant = self._tenant
        choice = self._first_choice()
        self._template = self._template_for(choice)
        zone = tenant.timezone if tenant else self._store.settings.time_zone
        paused = tenant.paused if tenant else self._integration.paused_by_default
        yield Field("name", "Name", TextInput(tenant.name if tenant else ""), NAME_HELP)
        releases = Choice(self._choices(), value=choice, allow_blank=False, compact=True)
        yield Field("release", "Release", releases, "A channel moves by itself; on a release it stays until moved")
        yield Field(
            "configs",
            "Settings",
            LinesInput(self._template),
            "A line NAME=VALUE for each, PAN_CFG_NAME in a run. Secret ones: in Connection Settings",
        )
        chosen, cron = self._first_schedule()
        schedules = Choice(self._schedule_choices(chosen), value=chosen, allow_blank=False, compact=True)
        yield Field("schedule", "Schedule", schedules, "One that the integration offers, or none")
        yield Field("user_schedule", "Own cron", TextInput(cron, "such as 0 * * * * or @daily"), DIALECT)
        yield Field("timezone", "Time zone", ZoneInput(zone), "The schedule is read in it, such as Europe/Berlin")
        yield Field("paused", "", Tick("Paused: the schedule does not fire", paused), "Runs by hand start all the same")

    def show_and_hide(self, raw: Raw) -> None:
        """Another release asks for other settings: its lines replace the ones nobody has touched.

        A cron expression is written only where none of the options is chosen.
        """
        self._fields["user_schedule"].display = raw["schedule"] == OWN
        template = self._template_for(raw["release"])
        control = self._fields["configs"].control
        if template != self._template and isinstance(control, LinesInput):
            if raw["configs"] == self._template:
                with self.prevent(LinesInput.Changed):
                    control.text = template
            self._template = template

    def check(self, raw: Raw) -> Checked:
        """What the hub says about the values, and when the schedule would fire."""
        problems: dict[str, str] = {}
        try:
            values = self._values(raw)
        except InvalidError as error:
            problems |= error.problems
            values = self._values({**raw, "configs": ""})
        for name, problem in (schedule_problem(self._integration, values) | problems_of(values)).items():
            problems.setdefault(name, problem)
        if self._tenant is not None and values.user_schedule == self._tenant.user_schedule:
            problems.pop("user_schedule", None)  # what it has may stay
        if raw["schedule"] == OWN and not raw["user_schedule"].strip():
            problems["user_schedule"] = "is required: a cron expression, or choose another schedule"
        hint = "Runs only by hand" if not values.user_schedule else ""
        if values.user_schedule and not problems.keys() & {"user_schedule", "timezone"}:
            try:
                hint = explained(values.user_schedule, values.timezone or "UTC")
            except InvalidError as error:
                problems["user_schedule"] = "; ".join(error.problems.values())
        hints = {"user_schedule" if raw["schedule"] == OWN else "schedule": hint, "release": self._what_breaks(raw)}
        return Checked(problems, hints)

    def save(self, raw: Raw) -> int:
        """Create or change it."""
        if self._tenant is None:
            return create_tenant(self._store, self._integration.id, self._values(raw), self._actor).id
        begun = self._values(self._initial)
        return edit_tenant(self._store, self._tenant.id, self._values(raw), self._actor, begun=begun).id

    def _what_breaks(self, raw: Raw) -> str:
        """What moving to another release means for the settings that are stored."""
        if self._tenant is None or raw["release"] == self._first_choice():
            return ""
        (found,) = move_tenants(self._store, [self._tenant.id], raw["release"], self._actor, dry_run=True)
        return move_words(found)

    def _values(self, raw: Raw) -> TenantValues:
        choice = raw["release"]
        return TenantValues(
            name=raw["name"].strip(),
            integration_release_id=choice if isinstance(choice, int) else None,
            integration_release_channel=choice if isinstance(choice, str) else None,
            configs=parse_config_lines(raw["configs"], self._schema_for(choice), self._secret_for(choice)),
            user_schedule=self._schedule(raw),
            timezone=raw["timezone"].strip() or None,
            paused=raw["paused"],
        )

    def _first_choice(self) -> int | str:
        if self._tenant is not None:
            return self._tenant.integration_release_id or self._tenant.integration_release_channel or "Latest"
        parent = self._integration
        return parent.default_release_channel or parent.default_release_id or "Latest"

    def _choices(self) -> list[tuple[str, int | str]]:
        parent = self._integration
        choices: list[tuple[str, int | str]] = [
            (f"Default: follows the default release, now {parent.default_release_name or 'none'}", "Default"),
            (f"Latest: follows the newest release, now {parent.latest_release_name or 'none'}", "Latest"),
        ]
        for one in self._offered.values():
            label = " ".join(part for part in (one.name, one.tag or "", one.commit_subject or "") if part)
            choices.append((f"Pinned to {visible(label)}", one.id))
        return choices

    def _first_schedule(self) -> tuple[int | str, str]:
        """What is chosen at first, and the cron expression written beside it."""
        options = self._integration.schedule_options
        if self._tenant is None:
            default = default_option(options)
            return (BY_HAND if default is None else options.index(default)), ""
        cron = self._tenant.user_schedule
        if not cron:
            return BY_HAND, ""
        place = next((at for at, option in enumerate(options) if same_schedule(option.cron, cron)), None)
        return (OWN, cron) if place is None else (place, "")

    def _schedule_choices(self, chosen: int | str) -> list[tuple[str, int | str]]:
        parent = self._integration
        choices: list[tuple[str, int | str]] = [
            (visible(f"{option.label} ({option.cron})"), place) for place, option in enumerate(parent.schedule_options)
        ]
        if parent.custom_schedules or chosen == OWN:
            choices.append(("Advanced: a cron expression of its own", OWN))
        return [*choices, ("None: runs by hand only", BY_HAND)]

    def _schedule(self, raw: Raw) -> str | None:
        choice = raw["schedule"]
        if isinstance(choice, int):
            return self._integration.schedule_options[choice].cron
        return raw["user_schedule"].strip() or None if choice == OWN else None

    def _release_for(self, choice: object) -> Release | None:
        channels = {"Default": self._integration.default_release_id, "Latest": self._integration.latest_release_id}
        chosen = channels.get(choice) if isinstance(choice, str) else choice
        return self._offered.get(chosen) if isinstance(chosen, int) else None

    def _schema_for(self, choice: object) -> dict[str, object] | None:
        found = self._release_for(choice)
        return found.config_schema if found else None

    def _secret_for(self, choice: object) -> frozenset[str]:
        found = self._release_for(choice)
        number = found.id if found else None
        if number not in self._secret:
            self._secret[number] = secret_configs(found, self._tenant)
        return self._secret[number]

    def _template_for(self, choice: object) -> str:
        configs = self._tenant.configs if self._tenant else None
        return config_template(self._schema_for(choice), configs, self._secret_for(choice))
