"""Where the values of settings are kept: secret ones in the vault, the others with their tenant."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Tenant

if TYPE_CHECKING:
    from sqlmodel import Session

    from pandium_tui.manifest.form.form import Form
    from pandium_tui.storage.tables import TenantRow

MASK = "********"
"""What is shown in place of a secret, whatever its length."""


def keep_configs(
    store: Store, session: "Session", row: "TenantRow", configs: Mapping[str, Any], form: "Form | None"
) -> None:
    """Put configs onto a stored tenant, in the caller's write transaction; those that are secret into the vault.

    A secret that is not among the configs stays as it is; one that is empty is forgotten. What is in the vault stays
    secret, also where another release calls it plain.

    Raises:
        VaultError: a secret cannot be sealed.
    """
    from pandium_tui.engine.declared_secrets import seal_plain_values
    from pandium_tui.engine.run_settings import settings_context, settings_owner
    from pandium_tui.storage.vault import Secret, Vault

    assert row.id is not None
    secret = set[str]() if form is None else set(form.definition.secrets)
    secret |= {sealed.name for sealed in Vault(store).fields(settings_owner(row.id))}
    seal_plain_values(store, session, row, secret)
    empty = {name for name, value in configs.items() if value in (None, "")}
    row.configs = {name: value for name, value in configs.items() if name not in secret or name in empty}
    vault = Vault(store)
    for name in configs.keys() - row.configs.keys():
        vault.seal(session, settings_context(row.id, name), Secret(json.dumps(configs[name])))
    for name in empty:
        vault.forget(session, settings_owner(row.id), name)


def shown_configs(tenant: Tenant) -> dict[str, Any]:
    """The settings of a tenant as they may be shown: secret ones are masked."""
    return {**tenant.configs, **dict.fromkeys(tenant.sealed_configs, MASK)}
