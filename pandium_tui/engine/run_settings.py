"""The settings of a run: the ``PAN_CFG_*`` variables that its tenant's values make in the form of its release.

Values that the form calls secret are not among the tenant's configs: they are sealed in the vault, as JSON, for the
tenant. Ids of tenants are never used again, so they may name the owner.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pandium_tui.manifest.form.building import build_form
from pandium_tui.manifest.form.form import Form
from pandium_tui.manifest.form.json_values import parse_pointer
from pandium_tui.manifest.form.problems import ValueProblem
from pandium_tui.storage.database import Store
from pandium_tui.storage.vault import SealContext, Vault, VaultError
from pandium_tui.storage.vocabulary import SETTINGS_OWNER

if TYPE_CHECKING:
    from pandium_tui.engine.dispatch import ClaimedRun

MOST_REASONS = 5
"""How many problems the reason of a refused run names."""


class SettingsNeedAttentionError(Exception):
    """Why no run can begin with these settings: names the fields, never a secret value."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What a run receives, and what must be masked in what it prints."""

    environment: dict[str, str] = field(repr=False)
    to_mask: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedSettings:
    """Sealed values by name, and why others cannot be opened."""

    values: dict[str, Any] = field(repr=False)
    locked: dict[str, str]


def form_for_tenant(
    config_schema: Any, config_uischema: Any, dynamic_configs: dict[str, Any] | None, metadata: Any
) -> Form:
    """The form of a release, with the choices that the tenant's init runs printed."""
    return build_form(
        config_schema,
        config_uischema,
        dynamic=dynamic_configs,
        metadata=metadata,
        dynamic_known=dynamic_configs is not None,
    )


def settings_owner(tenant_id: int) -> str:
    """The owner of a tenant's sealed settings."""
    return f"{SETTINGS_OWNER}{tenant_id}"


def settings_context(tenant_id: int, name: str) -> SealContext:
    """What a secret setting is sealed for."""
    return SealContext("tenant", str(tenant_id), settings_owner(tenant_id), name)


def opened_settings(store: Store, tenant_id: int) -> OpenedSettings:
    """All sealed settings of a tenant, opened now; one that does not open hides none of the others.

    Raises:
        StoreError: the store cannot be read.
    """
    vault = Vault(store)
    values: dict[str, Any] = {}
    locked: dict[str, str] = {}
    for sealed in vault.fields(settings_owner(tenant_id)):
        try:
            values[sealed.name] = json.loads(vault.open(settings_context(tenant_id, sealed.name)).reveal())
        except VaultError as error:
            locked[sealed.name] = str(error)
    return OpenedSettings(values, locked)


def run_settings(store: Store, claimed: "ClaimedRun") -> RunSettings:
    """The settings of a claimed run. An init run gets what there is; any other needs a form without problems.

    Raises:
        SettingsNeedAttentionError: a value is missing, wrong, or cannot be opened.
        StoreError: the store cannot be read.
    """
    tenant, release = claimed.tenant, claimed.release
    assert tenant.id is not None
    opened = opened_settings(store, tenant.id)
    form = form_for_tenant(
        release.config_schema, release.config_uischema, tenant.dynamic_configs, tenant.tenant_metadata
    )
    values = {**(claimed.run.configs or {}), **opened.values}
    if claimed.run.mode != "init" and (problems := run_problems(form, values, opened.locked)):
        raise SettingsNeedAttentionError(in_a_line(problems))
    return RunSettings(form.state(values).environment, form.secret_values(values, sealed=opened.values))


def run_problems(form: Form, values: dict[str, Any], locked: Mapping[str, str]) -> list[str]:
    """What has to be changed before a run that is not an init run, in words."""
    known = {one.steps[0]: one.label for one in reversed(form.fields) if one.steps}
    found = [f"{known[name]}: {why}" for name, why in locked.items() if name in known]
    problems = without_locked(form.state(values).problems, locked)
    return found + [problem.text for problem in problems if problem.blocks_runs]


def without_locked(problems: Iterable[ValueProblem], locked: Mapping[str, str]) -> tuple[ValueProblem, ...]:
    """The problems, but for those of values that cannot be opened: what they are is not known."""
    return tuple(one for one in problems if not locked.keys() & parse_pointer(one.path)[:1])


def in_a_line(problems: Iterable[str]) -> str:
    """Several problems in one line, the first of them in full."""
    texts = list(problems)
    more = f"; and {len(texts) - MOST_REASONS} more" if len(texts) > MOST_REASONS else ""
    return "; ".join(texts[:MOST_REASONS]) + more
