"""The tab Configure: repository, default release, sync schedule and limits of an integration."""

import asyncio
import threading
from collections.abc import Iterable
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.css.query import NoMatches
from textual.widget import Widget
from textual.widgets import Select, Static, TabbedContent, TabPane

from pandium_tui.hub.errors import HubError, InvalidError
from pandium_tui.hub.integrations import (
    IntegrationValues,
    account_problem,
    configure_integration,
    integration,
    problems_of,
    values_of,
)
from pandium_tui.screens.form import Checked, Raw
from pandium_tui.screens.integration.check_result import CheckResult
from pandium_tui.screens.integration.configure_values import (
    OPTIONS,
    Offered,
    account_choices,
    is_number,
    raw_of,
    read_offered,
    release_choices,
    values_from,
)
from pandium_tui.screens.integration.configure_words import (
    BEHAVIOUR_WORDS,
    HINTS,
    NEXT_BUILDS,
    NO_DEFAULT,
    OPTIONS_LABEL,
)
from pandium_tui.screens.integration.edited_pane import EditedPane
from pandium_tui.screens.integration.option_rows import OptionRows
from pandium_tui.screens.integration_form import BEHAVIOURS
from pandium_tui.screens.schedule_words import explained
from pandium_tui.storage.errors import StoreError
from pandium_tui.storage.records import ScheduleOption
from pandium_tui.text import visible_block
from pandium_tui.widgets.choice import Choice
from pandium_tui.widgets.confirm import Confirm
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.key_words import key_of, with_keys
from pandium_tui.widgets.text_input import TextInput
from pandium_tui.widgets.tick import Tick

if TYPE_CHECKING:
    from pandium_tui.screens.page import Page

_WHERE = ("repository_url", "source_account_id", "repository_tracking_branch", "repository_path")


class ConfigureTab(EditedPane):
    """Made when it is first shown."""

    DEFAULT_CSS = """
    ConfigureTab VerticalScroll { height: 1fr; padding: 0 1; scrollbar-gutter: stable; }
    ConfigureTab .section { height: 1; margin-bottom: 1; background: $panel; text-style: bold; padding: 0 1; }
    ConfigureTab .words { height: auto; margin-left: 22; margin-bottom: 1; color: $text-muted; }
    ConfigureTab #option-words { height: auto; margin: 0 1 1 1; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "check", "Check", id="configure.check", tooltip="Look what branch and path lead to; again: stop"),
        Binding("f6", "accounts", "Accounts", id="configure.accounts", tooltip="Manage source control accounts"),
        Binding("f7", "screen.set_up_repository", "Setup repo", id="configure.setup", tooltip="Setup Integration Repo"),
        Binding("f8", "screen.notifications", "Notify", id="configure.notify", tooltip="Who is told of failures"),
        Binding("escape", "leave_field", "Leave field", id="configure.leave", tooltip="Letters are keys then"),
        Binding("enter", "first_field", "Fields", id="configure.fields", tooltip="To the first field"),
    ]

    def __init__(self, integration_id: int) -> None:
        super().__init__(f"integration-{integration_id}-configure")
        self._integration_id = integration_id
        self._offered: Offered | None = None
        self._checking: threading.Event | None = None
        # The fields are made once, and nothing is put into them before they are there.
        self._loading = asyncio.Lock()

    def compose(self) -> ComposeResult:
        """What is wrong with the whole; the fields come when the tab is shown."""
        yield Static(id="unsaved", markup=False)
        yield Static(id="problem", markup=False)

    def on_show(self, event: events.Show) -> None:
        """The tab was chosen."""
        self.reload()

    @work(exclusive=True, group="configure leave")
    async def on_hide(self, event: events.Hide) -> None:
        """Another tab was chosen: changes are not lost, nor left behind, without a question."""
        if self._is_chosen or not self.changed():
            return
        question = Confirm(
            "Leave Configure without saving?",
            [f"Changed: {', '.join(self.changed_labels())}"],
            yes="Drop changes",
            no="Go on editing",
        )
        if await self.app.push_screen_wait(question):
            self.action_revert()
        else:
            self.screen.query_one(TabbedContent).active = self._pane_id

    def on_unmount(self) -> None:
        """A check that goes on has nobody to tell."""
        if self._checking is not None:
            self._checking.set()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are there where they can do something."""
        match action:
            case "leave_field":
                return self._offered is not None and self.screen.focused is not self._body
            case "first_field":
                return self._offered is not None and self.screen.focused is self._body
        if self._offered is None or self._offered.integration.type != "Internal":
            return False
        return super().check_action(action, parameters)

    def reason_against(self, action: str) -> str:
        """An external integration has no code."""
        if self._offered is not None and self._offered.integration.type != "Internal":
            return "An external integration has no code: there is nothing to configure."
        return super().reason_against(action)

    async def renew(self) -> None:
        """Show what the store has now; what was typed stays.

        Raises:
            HubError, StoreError: it cannot be read.
        """
        if self._offered is not None:
            await self._load()

    def reload(self) -> None:
        """Show what the store has now, and make the fields when they are not there yet."""
        self._open()

    @work(group="configure open")
    async def _open(self) -> None:
        try:
            await self._load()
        except (HubError, StoreError) as error:
            self._page.tell_error(error)
            return
        except NoMatches:
            if not self.was_left:
                raise
            return
        if self._fields and self._is_chosen and not self.has_focus_within and self.app.screen is self.screen:
            self._body.focus(scroll_visible=False)

    def raw(self) -> Raw:
        """The fields, and the options of the table."""
        return {**super().raw(), OPTIONS: self.query_one(OptionRows).options}

    def put(self, name: str, value: Any) -> None:
        """Put a value into a field or the table."""
        if name == OPTIONS:
            self.query_one(OptionRows).show_options(value)
        else:
            super().put(name, value)

    def kept_value(self, name: str, value: Any) -> Any:
        """Options are records."""
        return [asdict(one) for one in value] if name == OPTIONS else value

    def value_kept(self, name: str, kept: Any) -> Any:
        """Options are records."""
        return tuple(ScheduleOption(**one) for one in kept) if name == OPTIONS else kept

    def label_of(self, name: str) -> str:
        """The table has no field of its own."""
        return OPTIONS_LABEL if name == OPTIONS else super().label_of(name)

    def check(self, raw: Raw) -> Checked:
        """What the hub says about the values."""
        values = values_from(raw, self._base)
        problems = problems_of(values) | account_problem(self._page.store, values)
        for name in ("run_time_limit", "polling_interval", "catch_up_window", "retry_backoff"):
            if not is_number(raw[name]):
                problems[name] = "must be a whole number of seconds, or empty"
        for name in ("runs_at_once", "retry_count"):
            if not is_number(raw[name]):
                problems[name] = "must be a whole number"
        hints = {
            name: NEXT_BUILDS if raw[name] != self._stored.get(name) else HINTS[name]
            for name in _WHERE
            if name != "source_account_id"
        }
        hints["default_release_id"] = "" if raw["default_release_id"] else NO_DEFAULT
        return Checked(problems, hints)

    def save(self, raw: Raw) -> str:
        """Save all of it at once, on top of what the store has for what is not on this tab."""
        store, actor = self._page.store, self._page.actor
        before = values_of(integration(store, self._integration_id))
        values = values_from(raw, before)
        configure_integration(store, self._integration_id, values, raw["default_release_id"] or None, actor)
        moved = [name for name in _WHERE if getattr(before, name) != getattr(values, name)]
        words = ["Saved."]
        if moved:
            words.append("The changed repository concerns the next builds only.")
        if before.schedule_options != values.schedule_options:
            words.append(f"The schedules offered: {key_of(self, 'configure.leave')}, then {self._page.undoes}")
        return " ".join(words)

    def value_changed(self) -> None:
        """A result of Check is about the values it was made with."""
        super().value_changed()
        if self._checking is None:
            self.query_one(CheckResult).clear()

    def on_option_rows_changed(self, event: OptionRows.Changed) -> None:
        """The table is a value like the others."""
        self.value_changed()

    def on_option_rows_selected(self, event: OptionRows.Selected) -> None:
        """Explain the option under the cursor."""
        self._explain("" if event.option is None else event.option.cron)

    def action_leave_field(self) -> None:
        """From a field to the tab as a whole, where letters and digits are keys."""
        self._body.focus(scroll_visible=False)

    def action_first_field(self) -> None:
        """From the tab to its first field."""
        self.screen.focus_next()

    def action_accounts(self) -> None:
        """Manage the source control accounts."""
        from pandium_tui.screens.source_accounts import SourceAccountsPage

        self.app.push_screen(SourceAccountsPage())

    def action_check(self) -> None:
        """Check, or stop the check that goes on."""
        if self._checking is not None:
            self._checking.set()
        else:
            self._check_repository()

    @work(exclusive=True, group="check repository")
    async def _check_repository(self) -> None:
        from pandium_tui.hub.repository_check import check_repository
        from pandium_tui.sources.errors import FetchCancelledError

        result, loop = self.query_one(CheckResult), asyncio.get_running_loop()
        stop = self._checking = threading.Event()
        values = values_from(self.raw(), self._base)

        def progress(line: str) -> None:
            if not stop.is_set():
                loop.call_soon_threadsafe(result.show_progress, line)

        result.show_progress(f"reading {values.repository_url}; {key_of(self, 'configure.check')} stops")
        result.scroll_visible()
        try:
            found = await asyncio.to_thread(
                check_repository, self._page.store, values, progress=progress, cancelled=stop.is_set
            )
            result.show_result(found)
        except FetchCancelledError:
            result.show_failure("Stopped.")
        except InvalidError as error:
            self._touched.update(error.problems)
            self._show(Checked(error.problems))
            result.show_failure("Correct the values first.")
        except (HubError, StoreError) as error:
            result.show_failure(str(error))
        finally:
            self._checking = None
        result.scroll_visible()

    @work(exclusive=True, group="option words")
    async def _explain(self, cron: str) -> None:
        words = self.query_one("#option-words", Static)
        text = ""
        if cron:
            try:
                text = await asyncio.to_thread(explained, cron, self.query_one(OptionRows).zone)
            except InvalidError as error:
                text = f"✗ {error}"
        words.update(visible_block(text))

    async def _load(self) -> None:
        async with self._loading:
            await self._load_alone()

    async def _load_alone(self) -> None:
        self._offered = offered = await asyncio.to_thread(read_offered, self._page.store, self._integration_id)
        if offered.integration.type != "Internal":
            key = key_of(self, "integration.edit")
            self._show_problem(
                f"An external integration has no code: there is nothing to configure. {key} edits its target."
            )
            return
        if not self._fields:
            body = VerticalScroll(*self._sections(offered), can_focus=True)
            await self.mount(body, before="#unsaved")
        self._offer(offered)
        self.follow(raw_of(offered.integration))
        await self.restore_draft()
        self.screen.refresh_bindings()

    def _offer(self, offered: Offered) -> None:
        """Let the choices be those there are now; what is chosen stays, also when it is gone."""
        for name, choices in (
            ("source_account_id", account_choices(offered)),
            ("default_release_id", release_choices(offered)),
        ):
            control = self._fields[name].control
            assert isinstance(control, Select)
            chosen = control.selection
            if chosen is not None and chosen not in [value for _, value in choices]:
                choices.append((f"{chosen}, which is gone", chosen))
            with self.prevent(Select.Changed):
                control.set_options(choices)
                control.value = choices[0][1] if chosen is None else chosen

    def _sections(self, offered: Offered) -> Iterable[Widget]:
        zone = self._page.store.settings.time_zone
        yield _title("Remote repository settings")
        yield self._field("repository_url", "Repository", TextInput())
        yield self._field("source_account_id", "Source account", _choice(account_choices(offered)))
        yield self._field("repository_tracking_branch", "Tracking branch", TextInput())
        yield self._field("repository_path", "Path of PANDIUM.yaml", TextInput())
        yield self._field("polling_interval", "Look for pushes", TextInput(placeholder="seconds"))
        yield CheckResult()
        yield _title("Default release")
        yield self._field("default_release_id", "Default release", _choice(release_choices(offered)))
        behaviours = [(label, channel or "") for label, channel in BEHAVIOURS]
        yield self._field("default_release_channel", "New tenants", _choice(behaviours))
        yield Static("\n".join(BEHAVIOUR_WORDS), classes="words", markup=False)
        yield _title("Sync schedule: the options tenants choose from")
        yield OptionRows(zone, f"integration-{self._integration_id}-option")
        yield Static(id="option-words", markup=False)
        yield self._field("custom_schedules", "", Tick("Tenants may write their own cron"))
        yield self._field("catch_up", "", Tick("Make up for the newest slot that was missed"))
        yield self._field("catch_up_window", "Catch up within", TextInput(placeholder="seconds"))
        yield self._field("paused_by_default", "", Tick("New tenants begin paused; else they start at once"))
        yield _title("Runs")
        hint = f"Seconds; empty: {self._page.store.settings.run_time_limit}, as set for this installation"
        yield self._field("run_time_limit", "Time limit of a run", TextInput(placeholder="seconds"), hint)
        yield self._field("runs_at_once", "Runs at once", TextInput(placeholder="no limit of its own"))
        yield self._field("retry_count", "Retries", TextInput())
        yield self._field("retry_backoff", "First retry after", TextInput(placeholder="seconds"))

    def _field(self, name: str, label: str, control: Widget, hint: str = "") -> Field:
        made = self._fields[name] = Field(name, label, control, with_keys(self, hint or HINTS[name]))
        return made

    @property
    def _base(self) -> IntegrationValues:
        assert self._offered is not None
        return values_of(self._offered.integration)

    @property
    def _body(self) -> VerticalScroll:
        return self.query_one(VerticalScroll)

    @property
    def _is_chosen(self) -> bool:
        return self.screen.query_one(TabbedContent).active == self._pane_id

    @property
    def _pane_id(self) -> str:
        return next(one.id for one in self.ancestors if isinstance(one, TabPane)) or ""

    @cached_property
    def _page(self) -> "Page":
        return cast("Page", self.screen)  # kept: what was begun here may end when the tab has left the screen


def _choice(choices: list[tuple[str, Any]]) -> Select[Any]:
    return Choice(choices, value=choices[0][1], allow_blank=False, compact=True)


def _title(text: str) -> Static:
    return Static(text, classes="section", markup=False)
