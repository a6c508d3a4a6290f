"""Add or change an integration."""

from collections.abc import Iterable
from dataclasses import replace

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.integrations import IntegrationValues, create_integration, edit_integration, problems_of
from pandium_tui.hub.integrations import values_of as values_of_integration
from pandium_tui.hub.naming import NAME_HELP
from pandium_tui.screens.form import Checked, Form, Raw
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Integration
from pandium_tui.widgets.choice import Choice
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.text_input import TextInput
from pandium_tui.widgets.tick import Tick

PIN = "Pin to the default release"
FOLLOW_DEFAULT = "Follow the default release"
FOLLOW_LATEST = "Follow the latest release"
BEHAVIOURS = ((PIN, None), (FOLLOW_DEFAULT, "Default"), (FOLLOW_LATEST, "Latest"))
"""What new tenants get, as the person reads it and as it is stored."""

_OF_INTERNAL = (
    "repository_url",
    "repository_tracking_branch",
    "repository_path",
    "default_release_channel",
    "run_time_limit",
    "paused_by_default",
)


class IntegrationForm(Form):
    """The form; with an integration it changes that one."""

    def __init__(self, store: Store, actor: Actor, integration: Integration | None = None) -> None:
        super().__init__()
        self._store = store
        self._actor = actor
        self._integration = integration

    def heading(self) -> str:
        """What the form is for."""
        return "New integration" if self._integration is None else f"Edit integration {self._integration.name}"

    @property
    def draft_name(self) -> str:
        """One for new integrations, and one for each that is changed."""
        return "integration-new" if self._integration is None else f"integration-{self._integration.id}-edit"

    def fields(self) -> Iterable[Field]:
        """All of them; those of the other type are hidden."""
        now = IntegrationValues("") if self._integration is None else values_of_integration(self._integration)
        kinds = Choice(
            [("Internal: code that runs here", "Internal"), ("External: a listing only", "External")],
            value=now.type,
            allow_blank=False,
            compact=True,
            disabled=self._integration is not None,
        )
        behaviour = Choice(
            [(label, channel or "") for label, channel in BEHAVIOURS],
            value=now.default_release_channel or "",
            allow_blank=False,
            compact=True,
        )
        limit = "" if now.run_time_limit is None else str(now.run_time_limit)
        installation = self._store.settings.run_time_limit
        yield Field("name", "Name", TextInput(now.name), NAME_HELP)
        yield Field("long_name", "Long name", TextInput(now.long_name), "How people call it; may be empty")
        yield Field("type", "Type", kinds, "It stays what it is: it cannot be changed later")
        yield Field(
            "repository_url",
            "Repository",
            TextInput(now.repository_url or "", "https://… or git@host:path or /path"),
            "Read with this machine's git: its ssh keys and credential helpers",
        )
        yield Field(
            "repository_tracking_branch",
            "Tracking branch",
            TextInput(now.repository_tracking_branch or ""),
            "Empty: the repository's own default branch",
        )
        yield Field(
            "repository_path",
            "Path of PANDIUM.yaml",
            TextInput(now.repository_path),
            "File or folder in the repository; empty: PANDIUM.yaml in its root",
        )
        yield Field("target_url", "Target URL", TextInput(now.target_url or "", "https://…"), "Where its tile leads to")
        yield Field(
            "default_release_channel", "New tenants", behaviour, "What a new tenant gets when nothing else is chosen"
        )
        yield Field(
            "run_time_limit",
            "Time limit of a run",
            TextInput(limit, "seconds"),
            f"Seconds; empty: {installation}, as set for this installation",
        )
        paused = Tick("New tenants begin paused", now.paused_by_default)
        yield Field("paused_by_default", "", paused, "Their schedules fire only after somebody resumes them")

    def show_and_hide(self, raw: Raw) -> None:
        """An external integration has no code."""
        for name in _OF_INTERNAL:
            self._fields[name].display = raw["type"] == "Internal"
        self._fields["target_url"].display = raw["type"] == "External"

    def check(self, raw: Raw) -> Checked:
        """What the hub says about the values."""
        problems = problems_of(self._values(raw))
        if raw["type"] == "Internal" and not _is_seconds(raw["run_time_limit"]):
            problems["run_time_limit"] = "must be a whole number of seconds, or empty"
        return Checked(problems)

    def save(self, raw: Raw) -> int:
        """Create or change it."""
        if self._integration is None:
            return create_integration(self._store, self._values(raw), self._actor).id
        begun = self._values(self._initial)
        return edit_integration(self._store, self._integration.id, self._values(raw), self._actor, begun=begun).id

    def _values(self, raw: Raw) -> IntegrationValues:
        return _values(
            raw, IntegrationValues("") if self._integration is None else values_of_integration(self._integration)
        )


def _values(raw: Raw, base: IntegrationValues) -> IntegrationValues:
    """The values, with what this form does not ask for as it was."""
    if raw["type"] == "External":
        return replace(
            base,
            name=raw["name"].strip(),
            long_name=raw["long_name"].strip(),
            type="External",
            target_url=raw["target_url"].strip(),
        )
    limit = raw["run_time_limit"].strip()
    return replace(
        base,
        name=raw["name"].strip(),
        long_name=raw["long_name"].strip(),
        repository_url=raw["repository_url"].strip(),
        repository_tracking_branch=raw["repository_tracking_branch"].strip() or None,
        repository_path=raw["repository_path"].strip(),
        default_release_channel=raw["default_release_channel"] or None,
        run_time_limit=int(limit) if limit and _is_seconds(limit) else None,
        paused_by_default=raw["paused_by_default"],
    )


def _is_seconds(text: str) -> bool:
    return not text.strip() or text.strip().isdecimal()
