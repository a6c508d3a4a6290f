"""Ask for a build of a release."""

from collections.abc import Iterable

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.releases import build_problems, build_release
from pandium_tui.screens.form import Checked, Form, Raw
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Integration
from pandium_tui.widgets.field import Field
from pandium_tui.widgets.text_input import TextInput


class BuildForm(Form):
    """Which branch or commit, and under which tag. The result is the id of the release."""

    SAVE_LABEL = "Build"

    def __init__(self, store: Store, actor: Actor, integration: Integration) -> None:
        super().__init__()
        self._store = store
        self._actor = actor
        self._integration = integration

    def heading(self) -> str:
        """Of which integration."""
        return f"Build a release of {self._integration.name}"

    @property
    def draft_name(self) -> str:
        """One for each integration."""
        return f"integration-{self._integration.id}-build"

    def fields(self) -> Iterable[Field]:
        """All may stay empty."""
        tracking = self._integration.repository_tracking_branch or "the repository's default branch"
        yield Field("branch", "Branch", TextInput(), f"Empty: {tracking}")
        yield Field("commit", "Commit", TextInput(), "Empty: the newest of the branch")
        yield Field("tag", "Tag", TextInput(), "A label of your own; may be empty")

    def check(self, raw: Raw) -> Checked:
        """What the hub says about the values."""
        return Checked(build_problems(raw["branch"].strip() or None, raw["tag"].strip() or None))

    def save(self, raw: Raw) -> int:
        """Ask for the build."""
        return build_release(
            self._store,
            self._integration.id,
            self._actor,
            branch=raw["branch"].strip() or None,
            commit=raw["commit"].strip() or None,
            tag=raw["tag"].strip() or None,
        ).id
