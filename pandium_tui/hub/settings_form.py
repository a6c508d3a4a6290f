"""The Connection Settings of tenants: their form, what is wrong with their values, saving, moving between releases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pandium_tui.engine.declared_secrets import secret_names
from pandium_tui.engine.run_settings import (
    form_for_tenant,
    in_a_line,
    opened_settings,
    run_problems,
    settings_owner,
    without_locked,
)
from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.sealed_configs import MASK, keep_configs
from pandium_tui.hub.tenants import CONFIGS_LIMIT, tenant
from pandium_tui.manifest.form.alternatives import NOTHING_CHOSEN, Chosen
from pandium_tui.manifest.form.form import Comparison, Form, compare
from pandium_tui.manifest.form.json_values import same, written
from pandium_tui.manifest.form.problems import ValueProblem
from pandium_tui.manifest.form.state import FormState
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Release, Tenant
from pandium_tui.storage.times import utc_now


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """A tenant's form with its values.

    Attributes:
        release: the release the form is of; None when the tenant leads to none, then the form is empty.
        values: what is stored, secrets among it.
        locked: why a secret value cannot be opened, by name; it is not among the values, and stays as it is.
    """

    tenant: Tenant
    release: Release | None
    form: Form
    values: dict[str, Any] = field(repr=False)
    locked: dict[str, str]

    def problems(self, state: FormState) -> tuple[ValueProblem, ...]:
        """What is wrong with values, but for what cannot be known of a value that cannot be opened."""
        return without_locked(state.problems, self.locked)

    def without_secrets(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values to export or to edit as a text."""
        return {name: value for name, value in values.items() if name not in self.secrets}

    def with_secrets(self, values: Mapping[str, Any], secrets_of: Mapping[str, Any]) -> dict[str, Any]:
        """Imported values, and of secrets those that were there unless others are given."""
        kept = {name: value for name, value in secrets_of.items() if name in self.secrets}
        return {**kept, **values}

    @property
    def secrets(self) -> frozenset[str]:
        """What the release calls secret, and what is kept in the vault since another one does."""
        return self.form.definition.secrets.union(self.tenant.sealed_configs)


def tenant_settings(store: Store, tenant_id: int, release_id: int | None = None) -> TenantSettings:
    """The form of a tenant's release, or of another one, with the tenant's values.

    Raises:
        NotFoundError: there is no such tenant.
    """
    return _settings_of(store, tenant(store, tenant_id), release_id)


def _settings_of(store: Store, found: Tenant, release_id: int | None = None) -> TenantSettings:
    wanted = found.release_id if release_id is None else release_id
    with store.reading() as reader:
        release = None if wanted is None else queries.release(reader, wanted)
    opened = opened_settings(store, found.id)
    form = form_for_tenant(
        release and release.config_schema, release and release.config_uischema, found.dynamic_configs, found.metadata
    )
    return TenantSettings(found, release, form, {**found.configs, **opened.values}, opened.locked)


def save_settings(
    store: Store, tenant_id: int, values: Mapping[str, Any], actor: Actor, chosen: Chosen = NOTHING_CHOSEN
) -> Tenant:
    """Replace the settings of a tenant. What the form hides never prevents that.

    Of alternatives only what the chosen one asks for is kept; ``chosen`` are those a person chose, others are found
    from the values.

    Raises:
        InvalidError: with what is wrong by field, named by the keys to it: ``comments/1/message``.
        VaultError: a secret value cannot be sealed.
    """
    from pandium_tui.storage.tables import TenantRow
    from pandium_tui.storage.vault import Vault

    before = tenant_settings(store, tenant_id)
    given = before.form.values_to_save(dict(values), chosen)
    problems: dict[str, list[str]] = {}
    for problem in before.problems(before.form.state(given, chosen=chosen)):
        if problem.blocks_saving:
            problems.setdefault(problem.path.removeprefix("/") or "configs", []).append(problem.message)
    if len(written(given)) > CONFIGS_LIMIT:
        problems.setdefault("configs", []).append(f"are larger than {CONFIGS_LIMIT} bytes")
    if problems:
        raise InvalidError({name: "; ".join(dict.fromkeys(messages)) for name, messages in problems.items()})
    sealed = set(before.tenant.sealed_configs) - before.locked.keys()
    unchanged = {name for name in sealed if name in given and same(given[name], before.values[name])}
    with store.writing() as session:
        row = session.get_one(TenantRow, tenant_id)
        new = {name: value for name, value in given.items() if name not in unchanged}
        keep_configs(store, session, row, new, before.form)
        declared = before.form.definition.secrets & before.tenant.configs.keys()
        for name in (sealed | declared) - given.keys():
            Vault(store).forget(session, settings_owner(tenant_id), name)
        row.modified_date = utc_now()
        changed = _changed_names(before.values, given)
        note_activity(
            session,
            actor,
            "change settings",
            integration_id=before.tenant.integration_id,
            tenant_id=tenant_id,
            detail=", ".join(changed),
        )
    return tenant(store, tenant_id)


def settings_attention(store: Store, found: Tenant) -> tuple[str, ...]:
    """Why the settings of a tenant need attention before its next run; empty when they do not."""
    if found.release_id is None:
        return ()
    settings = _settings_of(store, found)
    return tuple(run_problems(settings.form, settings.values, settings.locked))


def refuse_unusable_settings(store: Store, found: Tenant) -> None:
    """Refuse a run that would begin with settings that need attention.

    Raises:
        RefusedError: naming the fields.
    """
    if problems := settings_attention(store, found):
        raise RefusedError(
            f"Tenant {found.integration_name}/{found.name} cannot run: its settings need attention. "
            f"{in_a_line(problems)}. Change them (pandium-tui tenant configure "
            f"{found.integration_name}/{found.name}); an init run is possible."
        )


def shown_environment(state: FormState) -> dict[str, str]:
    """The variables that a run would receive, secret ones masked."""
    return {name: MASK if name in state.secret_variables else value for name, value in state.environment.items()}


def compare_release(store: Store, tenant_id: int, release_id: int) -> Comparison:
    """What of a tenant's values another release does not take."""
    settings = tenant_settings(store, tenant_id, release_id)
    found = compare(settings.form, settings.values)
    return Comparison(without_locked(found.refused, settings.locked), found.unused)


@dataclass(frozen=True, slots=True)
class Move:
    """What moving a tenant to another release means.

    Attributes:
        release_name: where it leads; None for nowhere.
        refused: what of its settings needs attention afterwards, in words.
        unused: names of values that the release does not know; they are kept, but no run gets them.
        moved: whether it was done.
        problem: why it cannot be done, empty when it can.
        secret: names of the release's secret settings: moving seals what the tenant has of them as plain values.
    """

    tenant_id: int
    tenant_name: str
    release_name: str | None
    refused: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    moved: bool = False
    problem: str = ""
    secret: frozenset[str] = frozenset()


def move_tenants(
    store: Store, tenant_ids: Sequence[int], target: int | str, actor: Actor, *, dry_run: bool = False
) -> list[Move]:
    """Pin tenants to a release (its id), or let them follow a channel (its name). They keep their values.

    Those whose settings do not fit are moved all the same and need attention then: ask first with ``dry_run``.

    Raises:
        NotFoundError: there is no such tenant.
    """
    moves = [_planned(store, tenant(store, tenant_id), target) for tenant_id in tenant_ids]
    return moves if dry_run else _moved(store, moves, target, actor)


def _planned(store: Store, found: Tenant, target: int | str) -> Move:
    parent = integration(store, found.integration_id)
    channels = {"Default": parent.default_release_id, "Latest": parent.latest_release_id}
    release_id = channels.get(target) if isinstance(target, str) else target
    with store.reading() as reader:
        release = None if release_id is None else queries.release(reader, release_id)
    problem = ""
    if isinstance(target, str) and target not in channels:
        problem = f"{target} is no channel; there are {', '.join(channels)}"
    elif isinstance(target, int) and (release is None or release.integration_id != found.integration_id):
        problem = f"{target} is not a release of {found.integration_name}"
    elif isinstance(target, int) and release is not None and release.status != "Ready":
        problem = f"release {release.name} is {release.status}, not Ready"
    elif isinstance(target, int) and release is not None and release.retired_date is not None:
        problem = f"the files of release {release.name} were removed as old: build its commit again"
    if problem or release is None:
        return Move(found.id, found.name, None if release is None else release.name, problem=problem)
    comparison = compare_release(store, found.id, release.id)
    refused = tuple(one.text for one in comparison.refused)
    secret = secret_names(release.config_schema, release.config_uischema)
    return Move(found.id, found.name, release.name, refused, comparison.unused, secret=secret)


def _moved(store: Store, moves: list[Move], target: int | str, actor: Actor) -> list[Move]:
    from dataclasses import replace

    from pandium_tui.engine.declared_secrets import seal_plain_values
    from pandium_tui.storage.tables import TenantRow
    from pandium_tui.storage.vault import VaultError

    done: list[Move] = []
    actor = actor.in_one_act()
    with store.writing() as session:
        for move in moves:
            row = session.get_one(TenantRow, move.tenant_id)
            if not move.problem:
                try:
                    sealed = seal_plain_values(store, session, row, move.secret)
                except VaultError as error:
                    move = replace(move, problem=str(error))
            if not move.problem:
                followed = row.integration_release_id or row.integration_release_channel
                row.integration_release_id = target if isinstance(target, int) else None
                row.integration_release_channel = target if isinstance(target, str) else None
                row.modified_date = utc_now()
                note_activity(
                    session,
                    actor,
                    "move tenant",
                    integration_id=row.integration_id,
                    tenant_id=row.id,
                    release_id=row.integration_release_id,
                    detail=str(move.release_name or target) + (f"; sealed {', '.join(sealed)}" if sealed else ""),
                    undo=None if followed == target else {"of": "release", "from": followed, "to": target},
                )
            done.append(replace(move, moved=not move.problem))
    return done


def _changed_names(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    names = dict.fromkeys([*before, *after])
    return [name for name in names if not (name in before and name in after and same(before[name], after[name]))]
