"""Connection Settings of a tenant: its form, and beside it what a run would receive."""

import asyncio
from pathlib import Path
from typing import Any, ClassVar

from textual import events, work
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from pandium_tui.hub.errors import HubError, InvalidError
from pandium_tui.hub.runs import run, start_run, trigger
from pandium_tui.hub.settings_files import read_settings, settings_from_text, settings_text, write_settings
from pandium_tui.hub.settings_form import TenantSettings, save_settings, tenant_settings
from pandium_tui.manifest.form.json_values import same
from pandium_tui.screens.help import keys_of
from pandium_tui.screens.page import Page
from pandium_tui.screens.settings.dialogs import FileForm, FindField
from pandium_tui.screens.settings.editor import EditorError, edit_text
from pandium_tui.screens.settings.field_block import FieldBlock
from pandium_tui.screens.settings.form_view import WIDE_SCREENS, FormView
from pandium_tui.screens.settings.unsaved import FormDraft, unsaved_labels
from pandium_tui.screens.settings.words import help_text, locked_text, received_text, searchable
from pandium_tui.screens.text_screen import TextScreen
from pandium_tui.storage.errors import StoreError
from pandium_tui.storage.vocabulary import ACTIVE_PHASES, SUCCEEDED
from pandium_tui.text import visible
from pandium_tui.widgets.key_words import key_of
from pandium_tui.widgets.text_lines import TextLines

BESIDE_FROM = 100
"""Columns of the screen from which what a run receives stands beside the form."""


class SettingsPage(Page):
    """The page follows the store, but never loses what was typed."""

    AUTO_FOCUS = ""  # the first field is gone to once the form is there
    BINDING_GROUP_TITLE = "Settings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="settings.save", tooltip="Save; what is wrong is shown at its field"),
        Binding("f1,question_mark", "all_help", "Help", id="settings.help", tooltip="Help of all fields, and all keys"),
        Binding(
            "ctrl+f", "find", "Find", priority=True, id="settings.find", tooltip="Find a field by label, name or help"
        ),
        Binding("slash", "find", "Find", show=False, id="settings.find.slash", tooltip="Find a field"),
        Binding("f3", "receives", "Run gets", id="settings.receives", tooltip="What a run receives: PAN_CFG_*"),
        Binding("f5", "refresh", "Choices", id="settings.refresh", tooltip="Refresh choices: starts an init run"),
        Binding("f2", "customer", "Customer", id="settings.customer", tooltip="View as customer: without admin fields"),
        Binding("f4", "edit_field", "Editor", show=False, id="settings.editor", tooltip="The text in your $EDITOR"),
        Binding(
            "f8", "edit_all", "Edit all", show=False, id="settings.editor.all", tooltip="All values in your $EDITOR"
        ),
        Binding("f6", "export", "Export", show=False, priority=True, id="settings.export", tooltip="Values to a file"),
        Binding(
            "f7", "import", "Import", show=False, priority=True, id="settings.import", tooltip="Values from a file"
        ),
        Binding("ctrl+r", "revert", "Revert", show=False, id="settings.revert", tooltip="Drop what was changed here"),
    ]
    HORIZONTAL_BREAKPOINTS = WIDE_SCREENS
    DEFAULT_CSS = """
    SettingsPage #summary { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    SettingsPage #problem { display: none; height: auto; max-height: 4; padding: 0 1; color: $text-error; }
    SettingsPage #columns { height: 1fr; }
    SettingsPage #form-place { width: 3fr; }
    SettingsPage #beside { display: none; width: 2fr; border-left: solid $panel; padding-left: 1; }
    SettingsPage.-beside #beside { display: block; }
    SettingsPage #beside > Static { height: 1; text-style: bold; }
    """

    def __init__(self, tenant_id: int) -> None:
        super().__init__()
        self.tenant_id = tenant_id
        self._settings: TenantSettings | None = None
        self._stored: dict[str, Any] = {}
        self._can = {"save": False, "revert": False}
        self._awaited: int | None = None
        """The trigger of the init run that was asked for here, until it ended."""
        self._draft_name = f"tenant-{tenant_id}-settings"
        self._draft = FormDraft(self, self._draft_name)
        self._beside_wanted = True
        self._saving = False

    def crumbs(self) -> list[str]:
        """Integration, tenant, settings."""
        if self._settings is None:
            return ["integrations", f"tenant {self.tenant_id}", "settings"]
        found = self._settings.tenant
        return ["integrations", found.integration_name, found.name, "settings"]

    def compose_page(self) -> ComposeResult:
        """A line on how it stands, the form, what a run receives."""
        yield Static(id="summary", markup=False)
        with Horizontal(id="columns"):
            yield Vertical(id="form-place")
            with Vertical(id="beside"):
                yield Static("What a run receives", markup=False)
                yield TextLines(id="received")
        yield Static(id="problem", markup=False)

    async def show(self) -> None:
        """Show the form as it is now, with what was typed here."""
        new = await self.read(tenant_settings, self.store, self.tenant_id)
        if not self.query("#summary"):
            return  # the page was left meanwhile
        before, self._settings = self._settings, new
        self.set_crumbs()
        if before is None:
            await self._begin_with(new)
        else:
            self._follow(before, new)
        await self._look_at_awaited()
        self._tell()

    def on_resize(self, event: events.Resize) -> None:
        """Beside the form only where there is room."""
        self.set_class(self._beside_wanted and event.size.width >= BESIDE_FROM, "-beside")

    def on_form_view_changed(self, event: FormView.Changed) -> None:
        """Say how it stands."""
        self._tell()

    def changed_labels(self) -> list[str]:
        """The labels of the fields whose values are not saved."""
        if self._settings is None or (view := self._view) is None:
            return []
        return unsaved_labels(view, self._stored)

    def forget_drafts(self) -> None:
        """What was typed is discarded."""
        self._draft.forget()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An archived tenant is only looked at."""
        if action in ("save", "refresh") and self._is_archived:
            return None
        if action in ("save", "revert") and not self._can[action]:
            return None
        return super().check_action(action, parameters)

    def reason_against(self, action: str) -> str:
        """An archived tenant is left as it is, and what was not changed is there already."""
        if action in ("save", "refresh") and self._is_archived:
            from pandium_tui.screens.tenant import TenantPage

            key = key_of(self, "tenant.archive", TenantPage)
            return f"This tenant is archived. Press {key} on its page to restore it first."
        if action in ("save", "revert") and self._view is not None:
            return "Nothing to save." if action == "save" else "Nothing was changed."
        return super().reason_against(action)

    def action_save(self) -> None:
        """Save."""
        if not self._saving and self._view is not None:
            self._saving = True
            self._save()

    @work(group="save")
    async def _save(self) -> None:
        view, settings = self._view, self._settings
        try:
            if view is None or settings is None:
                return
            values, chosen = view.values_to_save, dict(view.switches.chosen)
            if view.unreadable:
                raise InvalidError(view.unreadable)
            await asyncio.to_thread(save_settings, self.store, self.tenant_id, values, self.actor, chosen)
            self._stored = values
            self.tell("The settings are saved; the next run gets them.")
            self.renew()
        except InvalidError:
            await self._show_refused()
        except (HubError, StoreError) as error:
            self.tell_error(error)
        finally:
            self._saving = False
        self._tell()

    @work(exclusive=True, group="find")
    async def action_find(self) -> None:
        """Go to a field by a part of its label."""
        if (view := self._view) is not None:
            number = await self.app.push_screen_wait(FindField(searchable(view.form, view.state)))
            if number is not None:
                await view.go_to(number)

    def action_all_help(self) -> None:
        """All help and all keys."""
        if (view := self._view) is not None:
            self.app.push_screen(TextScreen("Help", help_text(view.form, view.state, keys_of(self.app.screen))))

    def action_receives(self) -> None:
        """Show or hide the panel; where there is no room, on a screen of its own."""
        if self.size.width >= BESIDE_FROM:
            self._beside_wanted = not self._beside_wanted
            self.set_class(self._beside_wanted, "-beside")
        elif (view := self._view) is not None:
            self.app.push_screen(TextScreen("What a run receives", received_text(view.state)))

    def action_customer(self) -> None:
        """Show the form as a customer sees it, or whole again."""
        if (view := self._view) is not None:
            view.as_customer = not view.as_customer
            view.show_state()
            self._tell()

    @work(exclusive=True, group="refresh")
    async def action_refresh(self) -> None:
        """Start an init run; the form takes its choices when it ends."""
        asked = await self.do(start_run, self.store, self.tenant_id, self.actor, mode="init")
        if asked is not None:
            self._awaited = asked.id
            self.tell("An init run is asked for; the choices come when it has ended. Go on meanwhile.")

    def action_revert(self) -> None:
        """Drop what was changed here."""
        if (view := self._view) is not None and self._settings is not None:
            self._stored = dict(self._settings.values)
            view.put_values(dict(self._stored))
            self._tell()

    @work(exclusive=True, group="file")
    async def action_export(self) -> None:
        """Write the values into a file."""
        if (view := self._view) is None or self._settings is None:
            return
        values = self._settings.without_secrets(view.values)
        form = FileForm(
            "Export settings",
            "A new file: JSON when its name ends with .json, else YAML. Secret values are left out.",
            lambda file: write_settings(values, file),
            "Export",
        )
        if await self.app.push_screen_wait(form):
            self.tell("The settings are exported, without secret values.")

    @work(exclusive=True, group="file")
    async def action_import(self) -> None:
        """Take over the values of a file; they are not saved yet."""
        read: list[dict[str, Any]] = []

        def take(file: Path) -> None:
            read.append(read_settings(file))

        form = FileForm(
            "Import settings", "JSON or YAML; replaces what stands in the form, but for secrets.", take, "Import"
        )
        if await self.app.push_screen_wait(form):
            self._take_over(read[-1])

    def action_edit_all(self) -> None:
        """All values in the editor, as YAML."""
        if (view := self._view) is not None and self._settings is not None:
            text = settings_text(self._settings.without_secrets(view.values), as_json=False)
            edited = self._in_editor(text, ".yaml")
            if edited is not None and edited != text:
                try:
                    self._take_over(settings_from_text(edited))
                except InvalidError as error:
                    self.tell_error(error)

    def action_edit_field(self) -> None:
        """The text of the field in the editor."""
        block = self._view.focused_block() if self._view else None
        if block is None or block.field.kind not in ("text", "multiline", "json", "object"):
            key = key_of(self, "settings.editor.all")
            self.tell(f"Go to a text first: it is what the editor is for. {key} edits all values.")
            return
        self._edit_block(block)

    def _edit_block(self, block: FieldBlock) -> None:
        text = block.control.text()
        edited = self._in_editor(text, ".json" if block.field.kind in ("json", "object") else ".txt")
        if edited is not None and edited != text:
            # Editors end the last line; the value did not.
            block.control.set_text(edited if text.endswith("\n") else edited.removesuffix("\n"))

    def _in_editor(self, text: str, suffix: str) -> str | None:
        try:
            with self.app.suspend():
                edited = edit_text(text, suffix)
        except (EditorError, SuspendNotSupported) as error:
            self.tell_error(error)
            return None
        self.app.refresh()
        return edited

    @property
    def _is_archived(self) -> bool:
        return self._settings is not None and self._settings.tenant.archived

    @property
    def _view(self) -> FormView | None:
        return next(iter(self.query(FormView)), None)

    async def _begin_with(self, new: TenantSettings) -> None:
        self._stored = dict(new.values)
        place = self.query_one("#form-place", Vertical)
        if new.release is None:
            from pandium_tui.screens.tenant import TenantPage

            edit = key_of(self, "tenant.edit", TenantPage)
            words = f"There is no release, and so no form: build a release first, or move the tenant to one ({edit})."
            await place.mount(Static(words, markup=False))
        elif not new.form.elements:
            words = f"Release {visible(new.release.name)} asks for no settings: its PANDIUM.yaml has no configs."
            await place.mount(Static(words, markup=False))
        else:
            begun = await self._draft.from_before(new.form, new.values, new.secrets)
            view = FormView(new.form, *begun, draft_name=self._draft_name, secret=new.secrets)
            await place.mount(view)
            await view.go_to_first()

    def _follow(self, before: TenantSettings, new: TenantSettings) -> None:
        """Take over what changed in the store: choices, another release, values where nothing was changed here."""
        if (view := self._view) is None:
            if new.form.elements and new.release is not None:
                self._settings = None
                self.query_one("#form-place", Vertical).remove_children()
                self.renew()
            return
        if _made_of(before) == _made_of(new):
            new = self._settings = TenantSettings(new.tenant, new.release, before.form, new.values, new.locked)
        changed_elsewhere = not same(new.values, self._stored)
        if changed_elsewhere and self.changed_labels():
            if not same(new.values, before.values):
                revert, save = key_of(self, "settings.revert"), key_of(self, "settings.save")
                self.tell(f"The settings were changed elsewhere: {revert} shows that, {save} saves what stands here.")
            changed_elsewhere = False
        if changed_elsewhere:
            self._stored = dict(new.values)
            view.replace(new.form, dict(new.values))
        elif new.form is not before.form:
            view.replace(new.form, view.values)
            if new.tenant.dynamic_configs_run_id != before.tenant.dynamic_configs_run_id:
                self.tell(f"The choices of init run {new.tenant.dynamic_configs_run_id} are there.")

    async def _look_at_awaited(self) -> None:
        if self._awaited is None:
            return
        asked = await self.read(trigger, self.store, self._awaited)
        if asked.run_id is None:
            if asked.ended_date is not None:
                self._awaited = None
            return
        init = await self.read(run, self.store, asked.run_id)
        if init.phase in ACTIVE_PHASES:
            return
        self._awaited = None
        if init.phase != SUCCEEDED:
            self.tell_error(HubError(f"Init run {init.id}: {init.phase}. {init.reason or ''} The choices stay."))
        elif init.warnings:
            self.tell_error(HubError(f"Init run {init.id}: {'; '.join(init.warnings)}"))

    async def _show_refused(self) -> None:
        view, settings = self._view, self._settings
        if view is None or settings is None:
            return
        view.touch_all()
        broken = [block.field.number for block in view.query(FieldBlock) if block.error]
        broken += [one.field for one in settings.problems(view.state) if one.blocks_saving and one.field is not None]
        self.tell_error(HubError("Not saved: something is wrong with the values; nothing typed is lost."))
        if broken:
            await view.go_to(broken[0])

    def _take_over(self, values: dict[str, Any]) -> None:
        if (view := self._view) is not None and self._settings is not None:
            view.put_values(self._settings.with_secrets(values, view.values))
            view.touch_all()
            self._tell()
            self.tell(f"The values stand in the form; {key_of(self, 'settings.save')} saves them.")

    def _tell(self) -> None:
        if (view := self._view) is None or (settings := self._settings) is None:
            return
        problems = [one.text for one in settings.problems(view.state) if one.blocks_runs]
        view.secret = settings.secrets
        self._draft.note(view, self._stored)
        changed = self.changed_labels()
        # What is wrong with values that nobody changed is shown by trying to save them.
        self._can = {"save": bool(changed or problems), "revert": bool(changed)}
        if changed:
            told = f"{self._draft.told} {key_of(self, 'settings.revert')} drops it. " if self._draft.told else ""
            words = f"● {told}Not saved ({key_of(self, 'settings.save')}): {', '.join(changed)}"
        elif problems:
            words = f"! Before a run: {'; '.join(problems)}"
        else:
            words = "✓ Saved; a run can start with these settings."
        if view.as_customer:
            words = f"As a customer sees it. {words}"
        _update(self.query_one("#summary", Static), visible(words))
        text = locked_text(settings.locked)
        line = self.query_one("#problem", Static)
        _update(line, f"✗ {visible(text)}" if text else "")
        line.display = bool(text)
        self.query_one("#received", TextLines).set_text(received_text(view.state))
        self.refresh_bindings()


def _update(line: Static, text: str) -> None:
    if str(line.content) != text:
        line.update(text, layout=False)


def _made_of(settings: TenantSettings) -> tuple[object, ...]:
    """What decides how a form looks."""
    found = settings.tenant
    return settings.release and settings.release.id, found.dynamic_configs, found.metadata
