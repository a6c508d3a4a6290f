"""The metadata of a tenant: what successful runs merge into it, and a person may set."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.configs_file import read_configs_file
from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.settings_files import settings_from_text
from pandium_tui.hub.tenants import tenant
from pandium_tui.manifest.form.json_values import same, written
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Tenant
from pandium_tui.storage.times import utc_now
from pandium_tui.text import visible

METADATA = "metadata"

METADATA_LIMIT = 256 * 1024
"""Bytes of the metadata of a tenant as JSON."""


def metadata_problems(store: Store, found: Tenant, value: Mapping[str, Any]) -> list[str]:
    """What is wrong with metadata by the ``metadata_schema`` of the release the tenant runs on now.

    Without such a release or schema every object is right.
    """
    from pandium_tui.engine.metadata import metadata_problems as problems_by

    if len(written(dict(value))) > METADATA_LIMIT:
        return [f"it is larger than {METADATA_LIMIT // 1024} KiB"]
    if found.release_id is None:
        return []
    with store.reading() as reader:
        release = queries.release(reader, found.release_id)
    if release is None or release.metadata_schema is None:
        return []
    return problems_by(release.metadata_schema, dict(value))


def set_metadata(
    store: Store, tenant_id: int, value: Mapping[str, Any], actor: Actor, *, begun: Mapping[str, Any] | None = None
) -> Tenant:
    """Put other metadata in the place of what a tenant has; the next run gets it.

    Args:
        store: where it is.
        tenant_id: which tenant.
        value: the whole of it.
        actor: who sets it.
        begun: what the person saw at first: when a run has changed it since, nothing is set.

    Raises:
        InvalidError: for the field ``metadata``: it does not fit the ``metadata_schema`` of the release.
        RefusedError: it was changed meanwhile.
    """
    from pandium_tui.storage.tables import TenantRow

    found = tenant(store, tenant_id)
    if problems := metadata_problems(store, found, value):
        raise InvalidError({METADATA: "; ".join(problems)})
    with store.writing() as session:
        row = session.get_one(TenantRow, tenant_id)
        if begun is not None and not same(row.tenant_metadata, dict(begun)):
            raise RefusedError("A run or somebody else has changed the metadata meanwhile. Look at it, and edit again.")
        row.tenant_metadata = dict(value)
        row.modified_date = utc_now()
        names = ", ".join(value) or "nothing"
        note_activity(
            session,
            actor,
            "set metadata",
            integration_id=found.integration_id,
            tenant_id=tenant_id,
            detail=f"it has {names}"[:200],
        )
    return tenant(store, tenant_id)


def metadata_text(value: Mapping[str, Any]) -> str:
    """Metadata as JSON for people to edit; what a terminal could not show, or would change, is escaped."""
    text = written(dict(value), indent=2)
    # All that a terminal must not get is in the first plane, so that one escape says it; JSON has it in texts only.
    return "".join(one if one == "\n" or visible(one) == one else f"\\u{ord(one):04x}" for one in text)


def metadata_from_text(text: str) -> dict[str, Any]:
    """The object of a JSON or YAML text.

    Raises:
        InvalidError: for the field ``metadata``, with line and column of each problem.
    """
    return settings_from_text(text, METADATA)


def read_metadata(file: Path) -> dict[str, Any]:
    """The object in a JSON or YAML file; ``-`` reads standard input.

    Raises:
        InvalidError: for the field ``metadata``, with the place of each problem.
    """
    return read_configs_file(file, METADATA)
