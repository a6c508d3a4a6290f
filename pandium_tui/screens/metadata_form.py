"""Change the metadata of a tenant."""

from collections.abc import Iterable

from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError
from pandium_tui.hub.tenant_metadata import (
    METADATA,
    metadata_from_text,
    metadata_problems,
    metadata_text,
    set_metadata,
)
from pandium_tui.screens.form import Checked, Form, Raw
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Tenant
from pandium_tui.widgets.field import Field, LinesInput


class MetadataForm(Form):
    """The metadata as JSON, checked while typing. The result is the id of the tenant."""

    DEFAULT_CSS = "MetadataForm Field TextArea { height: 14; }"

    def __init__(self, store: Store, actor: Actor, tenant: Tenant) -> None:
        super().__init__()
        self._store = store
        self._actor = actor
        self._tenant = tenant

    def heading(self) -> str:
        """Of which tenant."""
        return f"Metadata of {self._tenant.integration_name}/{self._tenant.name}"

    @property
    def draft_name(self) -> str:
        """One for each tenant."""
        return f"tenant-{self._tenant.id}-metadata"

    def fields(self) -> Iterable[Field]:
        """One text."""
        hint = "An object in JSON or YAML. Runs merge their state into it, and find it as a file"
        yield Field(METADATA, "Metadata", LinesInput(metadata_text(self._tenant.metadata)), hint)

    def check(self, raw: Raw) -> Checked:
        """What the metadata_schema of the release says."""
        try:
            problems = metadata_problems(self._store, self._tenant, metadata_from_text(raw[METADATA]))
        except InvalidError as error:
            return Checked(error.problems)
        return Checked({METADATA: "; ".join(problems)} if problems else {})

    def save(self, raw: Raw) -> int:
        """Set it, unless a run has changed it meanwhile."""
        value = metadata_from_text(raw[METADATA])
        return set_metadata(self._store, self._tenant.id, value, self._actor, begun=self._tenant.metadata).id
