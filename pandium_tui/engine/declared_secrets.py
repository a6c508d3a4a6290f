"""Settings that a release declares secret only now: their plain values go into the vault, and out of what is kept."""

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from pandium_tui.engine.run_settings import settings_context
from pandium_tui.manifest.form.building import build_form
from pandium_tui.storage.database import Store, leave_no_trace
from pandium_tui.storage.vault import Secret, Vault

if TYPE_CHECKING:
    from sqlmodel import Session

    from pandium_tui.storage.tables import TenantRow


def secret_names(config_schema: Any, config_uischema: Any) -> frozenset[str]:
    """The settings that a form of a release calls secret, in whole or in part."""
    # Forms are built often, and few of them have secrets.
    if not any("password" in json.dumps(part) for part in (config_schema, config_uischema)):
        return frozenset()
    return build_form(config_schema, config_uischema, dynamic_known=False).definition.secrets


def seal_plain_values(store: Store, session: "Session", tenant: "TenantRow", secret: Collection[str]) -> list[str]:
    """Move what is secret among a tenant's plain settings into the vault, in the caller's write transaction.

    The same settings are taken out of what its runs and triggers were given: from then on they come from the vault.

    Returns:
        The names of what was moved.

    Raises:
        VaultError: it cannot be sealed; then nothing was changed.
    """
    assert tenant.id is not None
    names = _filled(tenant.configs, secret)
    vault = Vault(store)
    for name in names:
        vault.seal(session, settings_context(tenant.id, name), Secret(json.dumps(tenant.configs[name])))
    if names:
        leave_no_trace(session)
        tenant.configs = without_secrets(tenant.configs, names)
        _take_out_of_runs(session, tenant.id, names)
    return names


def without_secrets(values: dict[str, Any], secret: Collection[str]) -> dict[str, Any]:
    """The values but for secret ones. That one was emptied, and has not its default, is no secret and stays."""
    names = _filled(values, secret)
    return {name: value for name, value in values.items() if name not in names}


def _filled(values: dict[str, Any], names: Collection[str]) -> list[str]:
    return [name for name, value in values.items() if name in names and value not in (None, "")]


def _take_out_of_runs(session: "Session", tenant_id: int, names: Collection[str]) -> None:
    from sqlmodel import select

    from pandium_tui.storage.tables import RunRow, TriggerRow

    # Chosen by the database: a tenant may have very many runs, and few of them have what was only now called secret.
    for run in session.exec(select(RunRow).where(RunRow.tenant_id == tenant_id, _has_any(RunRow.configs, names))):
        run.configs = without_secrets(run.configs or {}, names)
    given = select(TriggerRow).where(TriggerRow.tenant_id == tenant_id, _has_any(TriggerRow.given_configs, names))
    for trigger in session.exec(given):
        trigger.given_configs = without_secrets(trigger.given_configs or {}, names)


def _has_any(column: Any, names: Collection[str]) -> Any:
    """Whether the JSON object of a column has one of these keys."""
    from sqlalchemy import func, select

    entries = func.json_each(column).table_valued("key")
    return select(entries.c.key).where(entries.c.key.in_(names)).exists()
