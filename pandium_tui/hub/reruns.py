"""Running a past run once more: with its own settings, state and release, the current ones, or edited ones."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError, NotFoundError, RefusedError
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.releases import release
from pandium_tui.hub.runs import run, trigger
from pandium_tui.hub.tenants import tenant
from pandium_tui.storage import attempt_queries
from pandium_tui.storage.attempt_queries import Attempts
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Release, Run, Tenant, Trigger
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vocabulary import ACTIVE_PHASES

if TYPE_CHECKING:
    from sqlmodel import Session

Choice = Literal["original", "current"]


@dataclass(frozen=True, slots=True)
class RerunValues:
    """What a rerun is given.

    Attributes:
        configs: the run's own, the tenant's current ones, or edited ones. Secret ones always come from the vault.
        state: what the run had been given, the tenant's current state, or (``edited_state``) a text.
        edited_state: replaces the state when it is not None.
        release: the run's own, or the one that the tenant would run on now.
        counts: whether its end becomes the tenant's state, last run, choices and metadata.
    """

    configs: Choice | dict[str, Any] = "original"
    state: Choice = "original"
    edited_state: str | None = None
    release: Choice = "original"
    counts: bool = True


def attempts(store: Store, run_id: int) -> Attempts:
    """Which other runs a run comes from, and which follow from it.

    Raises:
        NotFoundError: there is no such run.
    """
    with store.reading() as reader:
        found = attempt_queries.attempts(reader, run_id)
    if found is None:
        raise NotFoundError(f"There is no run {run_id}.")
    return found


def state_given_to(store: Store, run_id: int) -> str:
    """The state that a run found when it started; "" for none."""
    with store.reading() as reader:
        return attempt_queries.state_given_to(reader, run_id)


def rerun(store: Store, run_id: int, values: RerunValues, actor: Actor) -> Trigger:
    """Ask for an ended run once more. It is never bundled with other triggers.

    Raises:
        RefusedError: the run goes on, its tenant or integration is archived, or it never had what is asked for.
        InvalidError: edited configs hold a value that is kept in the vault.
    """
    from pandium_tui.storage.tables import TriggerRow

    found = run(store, run_id)
    of = tenant(store, found.tenant_id)
    _refuse(store, found, of, values)
    configs = found.configs if values.configs == "original" else values.configs
    state = values.edited_state
    if state is None and values.state == "original":
        state = state_given_to(store, run_id)
    now = utc_now()
    with store.writing() as session:
        rows = [
            TriggerRow(
                tenant_id=found.tenant_id,
                mode=found.mode,
                rerun_of=run_id,
                given_configs=configs if isinstance(configs, dict) else None,
                given_state=state,
                given_release_id=found.release_id if values.release == "original" else None,
                counts_as_state=values.counts,
                created_by=str(actor),
                created_date=now,
                **carried,
            )
            for carried in _carried(session, run_id, actor)
        ]
        session.add_all(rows)
        session.flush()
        note_activity(
            session,
            actor,
            "rerun",
            integration_id=found.integration_id,
            tenant_id=found.tenant_id,
            run_id=run_id,
            detail="counts as state" if values.counts else "does not count as state",
        )
        trigger_id = rows[0].id
    assert trigger_id is not None
    return trigger(store, trigger_id)


def _refuse(store: Store, found: Run, of: Tenant, values: RerunValues) -> None:
    if found.phase in ACTIVE_PHASES:
        raise RefusedError(f"Run {found.id} is {found.phase}: only a run that has ended can be run again.")
    if of.archived or integration(store, of.integration_id).archived:
        raise RefusedError(f"Tenant {of.integration_name}/{of.name} or its integration is archived. Restore it first.")
    if values.configs == "original" and found.configs is None:
        raise RefusedError(f"Run {found.id} never got settings: it was not started. Choose the current ones.")
    if values.release == "original" and found.release_id is None:
        raise RefusedError(f"Run {found.id} never had a release: it was not started. Choose the current one.")
    if values.release == "original" and found.release_id and release(store, found.release_id).retired_date:
        raise RefusedError(f"The files of release {found.release_name} were removed. Choose the current one.")
    if isinstance(values.configs, dict) and (
        sealed := sorted(secret_settings(store, found, of) & values.configs.keys())
    ):
        raise InvalidError({"configs": f"{', '.join(sealed)}: secret settings come from the vault; leave them out"})


def known_settings(store: Store, found: Run, of: Tenant) -> set[str]:
    """The settings that the run or the tenant has, and what either release asks for."""
    from pandium_tui.hub.configs import declared_names

    names = {*(found.configs or {}), *of.configs}
    return names.union(*(declared_names(one) for one in _releases(store, found, of)))


def secret_settings(store: Store, found: Run, of: Tenant) -> set[str]:
    """The settings that may not stand in the store: what is sealed, and what a form of either release calls secret."""
    from pandium_tui.engine.declared_secrets import secret_names

    names = set(of.sealed_configs)
    return names.union(*(secret_names(one.config_schema, one.config_uischema) for one in _releases(store, found, of)))


def _releases(store: Store, found: Run, of: Tenant) -> list[Release]:
    from pandium_tui.hub.releases import release

    return [release(store, number) for number in {found.release_id, of.release_id} if number is not None]


def _carried(session: "Session", run_id: int, actor: Actor) -> list[dict[str, Any]]:
    """What the triggers of a rerun carry: each payload that the run was given; without any, one trigger is enough."""
    from sqlmodel import col, select

    from pandium_tui.storage.tables import TriggerRow

    found = session.exec(
        select(TriggerRow)
        .where(TriggerRow.run_id == run_id, TriggerRow.source != "cron", col(TriggerRow.payload).is_not(None))
        .order_by(col(TriggerRow.id))
    )
    carried = [{"source": one.source, "payload": one.payload, "headers": dict(one.headers)} for one in found]
    return carried or [{"source": "api" if actor.door == "api" else "manual"}]
