"""Tenants: one customer's configured copy of an integration."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.editing import rebased
from pandium_tui.hub.errors import InvalidError, NotFoundError, RefusedError, raise_if_any
from pandium_tui.hub.integrations import integration
from pandium_tui.hub.naming import is_id, name_problem, suggestion
from pandium_tui.hub.schedule_options import same_schedule
from pandium_tui.hub.sealed_configs import keep_configs
from pandium_tui.settings import SettingsError, checked_time_zone
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.filtering.filters import EVERYTHING, Filter
from pandium_tui.storage.records import Integration, Tenant
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vocabulary import CHANNELS

if TYPE_CHECKING:
    from sqlalchemy.exc import IntegrityError
    from sqlmodel import Session

    from pandium_tui.manifest.form.form import Form
    from pandium_tui.storage.tables import TenantRow

CONFIGS_LIMIT = 1024 * 1024
"""Bytes of a tenant's configs as JSON."""


@dataclass(frozen=True, slots=True)
class TenantValues:
    """What a person may enter about a tenant.

    Attributes:
        integration_release_id: the release it is pinned to; with the channel also None, the integration's behaviour
            for new tenants decides (only when it is created).
        configs: values of its connection settings by name; secret ones only where they are to be replaced.
        user_schedule: cron expression; None for no schedule.
        timezone: IANA name the schedule is read in; None for the installation's.
        paused: None for what the integration says new tenants do (only when it is created).
    """

    name: str
    integration_release_id: int | None = None
    integration_release_channel: str | None = None
    configs: Mapping[str, Any] = field(default_factory=dict)
    user_schedule: str | None = None
    timezone: str | None = None
    paused: bool | None = None


def tenants(
    store: Store, integration_id: int | None = None, *, archived: bool = False, matching: Filter = EVERYTHING
) -> list[Tenant]:
    """The tenants of one integration or of all, by name; those archived only when asked for."""
    with store.reading() as reader:
        return queries.tenants(reader, integration_id, archived=archived, matching=matching)


def tenant(store: Store, reference: int | str) -> Tenant:
    """One tenant by its id or as ``integration/tenant``.

    Raises:
        NotFoundError: there is none.
    """
    text = str(reference)
    if "/" not in text:
        if not is_id(text):
            raise NotFoundError(f"There is no tenant {text!r}. Name it as integration/tenant, or by its id.")
        with store.reading() as reader:
            found = queries.tenant(reader, int(text))
        if found is None:
            raise NotFoundError(f"There is no tenant {text}.")
        return found
    parent_name, _, name = text.partition("/")
    parent = integration(store, parent_name)
    with store.reading() as reader:
        tenant_id = queries.tenant_id_of_name(reader, parent.id, name)
        found = None if tenant_id is None else queries.tenant(reader, tenant_id)
        if found is None:
            names = [one.name for one in queries.tenants(reader, parent.id, archived=True)]
            raise NotFoundError(f"Integration {parent.name} has no tenant {name!r}.{suggestion(name, names)}")
    return found


def problems_of(values: TenantValues) -> dict[str, str]:
    """What is wrong with the values, by field; empty when they can be saved. Quick: for use while typing."""
    from pandium_tui.engine.cron import CronError, parse_cron
    from pandium_tui.manifest.environment import ConfigEnvironmentError, config_environment

    problems: dict[str, str] = {}
    if problem := name_problem(values.name):
        problems["name"] = problem
    if values.integration_release_id is not None and values.integration_release_channel is not None:
        problems["integration_release_channel"] = "choose a release or a channel, not both"
    elif values.integration_release_channel not in (None, *CHANNELS):
        problems["integration_release_channel"] = f"must be one of {', '.join(CHANNELS)}"
    if values.user_schedule:
        try:
            parse_cron(values.user_schedule)
        except CronError as error:
            problems["user_schedule"] = str(error)
    if values.timezone:
        try:
            checked_time_zone(values.timezone)
        except SettingsError as error:
            problems["timezone"] = str(error)
    try:
        if len(json.dumps(dict(values.configs))) > CONFIGS_LIMIT:
            problems["configs"] = f"are larger than {CONFIGS_LIMIT} bytes"
        config_environment(values.configs)
    except (ConfigEnvironmentError, TypeError, ValueError) as error:
        problems["configs"] = str(error)
    return problems


def schedule_problem(parent: Integration, values: TenantValues) -> dict[str, str]:
    """Whether the integration allows the schedule, by field."""
    options = parent.schedule_options
    if not values.user_schedule or parent.custom_schedules:
        return {}
    if any(same_schedule(values.user_schedule, option.cron) for option in options):
        return {}
    offered = ", ".join(f"{option.label} ({option.cron})" for option in options) or "none"
    return {"user_schedule": f"must be one that {parent.name} offers: {offered}"}


def create_tenant(store: Store, integration_id: int, values: TenantValues, actor: Actor) -> Tenant:
    """Add a tenant to an integration and plan its next run.

    Raises:
        InvalidError: with what is wrong by field.
        RefusedError: the integration is external or archived.
    """
    from sqlalchemy.exc import IntegrityError

    from pandium_tui.engine.schedule import plan_tenant
    from pandium_tui.storage.tables import TenantRow

    parent = integration(store, integration_id)
    if parent.type != "Internal" or parent.archived:
        kind = "archived" if parent.archived else "an external integration"
        raise RefusedError(f"{parent.name} is {kind}: it can have no new tenant.")
    release_id, channel = _release_for_new(parent, values)
    raise_if_any(schedule_problem(parent, values) | problems_of(values) | _release_problem(store, parent, release_id))
    now = utc_now()
    row = TenantRow(name=values.name, integration_id=integration_id, created_date=now, modified_date=now)
    row.source = actor.door
    try:
        with store.writing() as session:
            _apply(row, values, store.settings.time_zone)
            row.integration_release_id, row.integration_release_channel = release_id, channel
            row.paused = parent.paused_by_default if values.paused is None else values.paused
            session.add(row)
            session.flush()
            keep_configs(store, session, row, values.configs, _form(store, parent, release_id, channel))
            plan_tenant(session, row, now)
            note_activity(
                session, actor, "create tenant", integration_id=integration_id, tenant_id=row.id, detail=values.name
            )
    except IntegrityError as error:
        raise _taken(error, parent, values) from error
    assert row.id is not None
    return tenant(store, row.id)


def edit_tenant(
    store: Store, tenant_id: int, values: TenantValues, actor: Actor, *, begun: TenantValues | None = None
) -> Tenant:
    """Change a tenant and plan its next run again. A release or channel must be given.

    Args:
        store: where it is.
        tenant_id: which one.
        values: as they shall be.
        actor: who changes it.
        begun: the values the person saw at first: what differs from them is changed, the rest stays as it is now.

    Raises:
        InvalidError: with what is wrong by field.
    """
    from sqlalchemy.exc import IntegrityError

    from pandium_tui.engine.schedule import plan_tenant
    from pandium_tui.storage.tables import TenantRow

    before = tenant(store, tenant_id)
    values = _rebased(values, begun, values_of(before))
    parent = integration(store, before.integration_id)
    problems = problems_of(values)
    if values.user_schedule != before.user_schedule:
        problems = schedule_problem(parent, values) | problems
    if values.integration_release_id != before.integration_release_id:
        problems |= _release_problem(store, parent, values.integration_release_id)
    if values.integration_release_id is None and values.integration_release_channel is None:
        problems["integration_release_channel"] = "choose a release or a channel"
    raise_if_any(problems)
    try:
        with store.writing() as session:
            row = session.get_one(TenantRow, tenant_id)
            planned_by = (row.schedule, row.timezone, row.paused)
            _apply(row, values, store.settings.time_zone)
            row.integration_release_id = values.integration_release_id
            row.integration_release_channel = values.integration_release_channel
            form = _form(store, parent, row.integration_release_id, row.integration_release_channel)
            keep_configs(store, session, row, values.configs, form)
            if values.paused is not None:
                row.paused = values.paused
            row.modified_date = utc_now()
            # What has come meanwhile still runs, or is caught up on, when only other values were changed.
            if row.next_run is None or (row.schedule, row.timezone, row.paused) != planned_by:
                plan_tenant(session, row, utc_now(), planned_by=planned_by[:2])
            note_activity(
                session,
                actor,
                "edit tenant",
                integration_id=before.integration_id,
                tenant_id=tenant_id,
                detail=", ".join(_changed(values_of(before), values)),
            )
            _note_undoable(session, actor.in_one_act(), before, row)
    except IntegrityError as error:
        raise _taken(error, parent, values) from error
    return tenant(store, tenant_id)


def _note_undoable(session: "Session", actor: Actor, before: Tenant, row: "TenantRow") -> None:
    """An edit that paused, resumed or moved a tenant is told as that too, and can be undone."""
    noted = partial(note_activity, session, actor, integration_id=before.integration_id, tenant_id=before.id)
    if row.paused != before.paused:
        action, inverse = ("pause", "resume") if row.paused else ("resume", "pause")
        noted(f"{action} tenant", undo={"of": "tenant", "action": inverse})
    followed = before.integration_release_id or before.integration_release_channel
    now = row.integration_release_id or row.integration_release_channel
    if now != followed:
        detail = "" if row.integration_release_id else f"{row.integration_release_channel}"
        moved = {"of": "release", "from": followed, "to": now}
        noted("move tenant", release_id=row.integration_release_id, detail=detail, undo=moved)


def _changed(before: TenantValues, values: TenantValues) -> list[str]:
    now = values if values.paused is not None else replace(values, paused=before.paused)
    return [name for name in TenantValues.__slots__ if getattr(before, name) != getattr(now, name)]


def _rebased(values: TenantValues, begun: TenantValues | None, current: TenantValues) -> TenantValues:
    merged = rebased(values, begun, current)
    followed = (values.integration_release_id, values.integration_release_channel)
    if begun is not None and followed != (begun.integration_release_id, begun.integration_release_channel):
        # One choice in two fields: a release and a channel of two people would be both or neither.
        return replace(merged, integration_release_id=followed[0], integration_release_channel=followed[1])
    return merged


def values_of(tenant: Tenant) -> TenantValues:
    """The values of a tenant as a person would enter them."""
    return TenantValues(**{name: getattr(tenant, name) for name in TenantValues.__slots__})


def pause_tenant(store: Store, tenant_id: int, actor: Actor) -> Tenant:
    """Stop the schedule of a tenant. Runs by hand stay possible; slots that pass meanwhile are not made up for."""
    return _set(store, tenant_id, actor, "pause tenant", undo="resume", paused=True)


def resume_tenant(store: Store, tenant_id: int, actor: Actor) -> Tenant:
    """Let the schedule of a tenant go on from now."""
    return _set(store, tenant_id, actor, "resume tenant", undo="pause", paused=False)


def archive_tenant(store: Store, tenant_id: int, actor: Actor) -> Tenant:
    """Put a tenant away: nothing of it runs any more. It can be restored."""
    return _set(store, tenant_id, actor, "archive tenant", undo="restore", archived=True)


def restore_tenant(store: Store, tenant_id: int, actor: Actor) -> Tenant:
    """Take a tenant back from the archive; its schedule goes on from now."""
    return _set(store, tenant_id, actor, "restore tenant", undo="archive", archived=False)


def _set(store: Store, tenant_id: int, actor: Actor, action: str, *, undo: str, **values: bool) -> Tenant:
    from pandium_tui.engine.schedule import plan_tenant
    from pandium_tui.storage.tables import TenantRow

    before = tenant(store, tenant_id)
    with store.writing() as session:
        row = session.get_one(TenantRow, tenant_id)
        changes = any(getattr(row, name) != value for name, value in values.items())
        for name, value in values.items():
            setattr(row, name, value)
        row.modified_date = utc_now()
        plan_tenant(session, row, utc_now())
        note_activity(
            session,
            actor,
            action,
            integration_id=before.integration_id,
            tenant_id=tenant_id,
            undo={"of": "tenant", "action": undo} if changes else None,
        )
    return tenant(store, tenant_id)


def _release_for_new(parent: Integration, values: TenantValues) -> tuple[int | None, str | None]:
    """What a new tenant follows: what was asked for, else the integration's behaviour for new tenants."""
    if values.integration_release_id is not None or values.integration_release_channel is not None:
        return values.integration_release_id, values.integration_release_channel
    if parent.default_release_channel is not None:
        return None, parent.default_release_channel
    if parent.default_release_id is not None:
        return parent.default_release_id, None
    raise InvalidError(
        {
            "integration_release_id": f"{parent.name} has no default release to pin a new tenant to: "
            "set the default release, or choose a release or the channel Latest"
        }
    )


def release_of_new(parent: Integration, values: TenantValues) -> int | None:
    """The release that a new tenant with these values would run on now; None for none."""
    try:
        return _release_now(parent, *_release_for_new(parent, values))
    except InvalidError:
        return None


def _release_now(parent: Integration, release_id: int | None, channel: str | None) -> int | None:
    by_channel = {"Default": parent.default_release_id, "Latest": parent.latest_release_id}
    return by_channel.get(channel or "", release_id)


def _apply(row: "TenantRow", values: TenantValues, time_zone: str) -> None:
    row.name = values.name
    row.user_schedule = row.schedule = (values.user_schedule or "").strip() or None
    row.timezone = values.timezone or time_zone


def _form(store: Store, parent: Integration, release_id: int | None, channel: str | None) -> "Form | None":
    """The form of the release that a tenant would run on now, to know which values are secret."""
    from pandium_tui.manifest.form.building import build_form

    found_id = _release_now(parent, release_id, channel)
    if found_id is None:
        return None
    with store.reading() as reader:
        found = queries.release(reader, found_id)
    return None if found is None else build_form(found.config_schema, found.config_uischema, dynamic_known=False)


def _release_problem(store: Store, parent: Integration, release_id: int | None) -> dict[str, str]:
    if release_id is None:
        return {}
    with store.reading() as reader:
        found = queries.release(reader, release_id)
    if found is None or found.integration_id != parent.id:
        return {"integration_release_id": f"{release_id} is not a release of {parent.name}"}
    if found.status != "Ready":
        return {"integration_release_id": f"release {found.name} is {found.status}, not Ready"}
    if found.retired_date is not None:
        return {"integration_release_id": f"the files of {found.name} were removed as old: build its commit again"}
    return {}


def _taken(error: "IntegrityError", parent: Integration, values: TenantValues) -> Exception:
    """The error in words when it is about the name, which is all that can still collide after the checks."""
    if "tenant.name" in str(error.orig):
        return InvalidError({"name": f"{values.name!r} is taken by another tenant of {parent.name}"})
    return error
