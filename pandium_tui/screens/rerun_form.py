"""Run an ended run once more."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from textual.widgets import Select

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.reruns import RerunValues, known_settings, rerun, secret_settings, state_given_to
from pandium_tui.hub.runs import run
from pandium_tui.hub.settings_files import entries_to_keep, settings_from_text, settings_text
from pandium_tui.hub.tenants import tenant
from pandium_tui.screens.form import Checked, Form, Raw
from pandium_tui.screens.run_words import is_json
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Run, Tenant
from pandium_tui.widgets.choice import Choice
from pandium_tui.widgets.field import Field, LinesInput
from pandium_tui.widgets.tick import Tick

if TYPE_CHECKING:
    from pandium_tui.screens.page import Page

EDITED = "edited"


async def open_rerun_form(page: "Page", run_id: int) -> "RerunForm":
    """The form, with what it offers read from the store.

    Raises:
        HubError, StoreError: it cannot be read.
    """
    found = await page.fetch(run, page.store, run_id)
    of = await page.fetch(tenant, page.store, found.tenant_id)
    state = await page.fetch(state_given_to, page.store, run_id)
    known = await page.fetch(known_settings, page.store, found, of)
    secret = await page.fetch(secret_settings, page.store, found, of)
    return RerunForm(page.store, page.actor, found, of, state, lambda text: entries_to_keep(text, known, secret))


class RerunForm(Form):
    """Which settings, state and release it gets, and whether it counts. The result is the id of the trigger."""

    SAVE_LABEL = "Run again"
    DEFAULT_CSS = """
    RerunForm Field TextArea { height: 6; }
    """

    def __init__(
        self, store: Store, actor: Actor, of: Run, tenant: Tenant, state: str, kept_settings: Callable[[str], str]
    ) -> None:
        """Make the form; ``kept_settings`` is what of settings as a text may be kept in a draft."""
        super().__init__()
        self._kept_settings = kept_settings
        self._store = store
        self._actor = actor
        self._run = of
        self._tenant = tenant
        self._state = state

    def heading(self) -> str:
        """Which run."""
        return f"Run again: run {self._run.id} of {self._run.integration_name}/{self._run.tenant_name}"

    @property
    def draft_name(self) -> str:
        """One for each run."""
        return f"run-{self._run.id}-again"

    def without_secrets(self, name: str, value: Any) -> Any:
        """Secret settings may have been written here by mistake."""
        return self._kept_settings(value) or None if name == "edited_configs" else value

    def fields(self) -> Iterable[Field]:
        """The texts to edit show when they are wanted."""
        found = self._run
        configs = settings_text(found.configs or {}, as_json=False)
        yield Field(
            "configs", "Settings", _choice(found.configs is not None, edited=True), "Secret ones come from the vault"
        )
        yield Field("edited_configs", "Edited settings", LinesInput(configs), "YAML or JSON, without secret settings")
        yield Field("state", "State", _choice(True, edited=True), f"Then: {self._state or 'none'}")
        yield Field(
            "edited_state", "Edited state", LinesInput(self._state), "What the code finds as the last successful state"
        )
        now = self._tenant.release_name or "none"
        releases = f"Then: {found.release_name or 'none'}; now: {now}"
        yield Field("release", "Release", _choice(found.release_id is not None, edited=False), releases)
        counts = Tick("It becomes the tenant's state", True)
        yield Field("counts", "Counts", counts, "Also its last run and metadata; without it, the tenant stays as it is")

    def show_and_hide(self, raw: Raw) -> None:
        """What is not edited is not shown."""
        self._fields["edited_configs"].display = raw["configs"] == EDITED
        self._fields["edited_state"].display = raw["state"] == EDITED

    def check(self, raw: Raw) -> Checked:
        """Whether edited settings can be read; the hub looks for secrets when it is asked for."""
        checked = Checked({})
        if raw["configs"] == EDITED:
            try:
                settings_from_text(raw["edited_configs"])
            except InvalidError as error:
                checked.problems = {"edited_configs": error.problems["configs"]}
        if raw["state"] == EDITED:
            state = raw["edited_state"].strip()
            hint = "! Not JSON: the run gets it as it is" if state and not is_json(state) else "Empty: no state"
            checked.hints["edited_state"] = hint
        return checked

    def save(self, raw: Raw) -> int:
        """Ask for the run."""
        edited = raw["configs"] == EDITED
        values = RerunValues(
            configs=settings_from_text(raw["edited_configs"]) if edited else raw["configs"],
            state="current" if raw["state"] == EDITED else raw["state"],
            edited_state=raw["edited_state"].strip() if raw["state"] == EDITED else None,
            release=raw["release"],
            counts=raw["counts"],
        )
        try:
            return rerun(self._store, self._run.id, values, self._actor).id
        except InvalidError as error:
            problem = error.problems.pop("configs", None)
            raise InvalidError({**error.problems, **({"edited_configs": problem} if problem else {})}) from None


def _choice(has_original: bool, *, edited: bool) -> Select[str]:
    choices = [("As it was then", "original")] if has_original else []
    choices.append(("The tenant's, as it is now", "current"))
    choices += [("Edited", EDITED)] if edited else []
    return Choice(choices, value=choices[0][1], allow_blank=False, compact=True)
