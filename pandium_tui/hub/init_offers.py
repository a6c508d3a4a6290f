"""When an init run is offered: after connecting and after a change of release, where the form has dynamic choices."""

from collections.abc import Iterable
from dataclasses import dataclass

from pandium_tui.hub.connections import Connection, connections
from pandium_tui.hub.connectors import USABLE
from pandium_tui.hub.tenants import tenant
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Release, Tenant
from pandium_tui.storage.vocabulary import ACTIVE_PHASES


@dataclass(frozen=True, slots=True)
class InitOffer:
    """That an init run of a tenant would be of use now, and why; it is never forced."""

    tenant_id: int
    tenant: str
    reason: str

    @property
    def command(self) -> str:
        """How it is started at a command line."""
        return f"pandium-tui run start {self.tenant} --mode init"


def init_offer(store: Store, tenant_id: int) -> InitOffer | None:
    """The offer for a tenant; None where its form has no dynamic choices, they are up to date, or it cannot run.

    Raises:
        NotFoundError: there is no such tenant.
    """
    found = tenant(store, tenant_id)
    release, printed_for = _releases(store, found)
    if release is None or found.archived or not _has_dynamic_choices(release, found):
        return None
    run = found.current_run
    if run is not None and run.mode == "init" and run.phase in ACTIVE_PHASES:
        return None
    connected = connections(store, tenant_id)
    # An init run would be refused; connecting what is missing offers it again.
    if any(one.status not in USABLE and not one.optional for one in connected):
        return None
    reason = _reason(found, release, printed_for, connected)
    return InitOffer(tenant_id, f"{found.integration_name}/{found.name}", reason) if reason else None


def init_offers(store: Store, tenant_ids: Iterable[int]) -> list[InitOffer]:
    """The offers for those of several tenants that have one."""
    return [offer for tenant_id in tenant_ids if (offer := init_offer(store, tenant_id))]


def _releases(store: Store, found: Tenant) -> tuple[Release | None, Release | None]:
    """The release that a run would use now, and that of the init run whose choices there are, as far as known."""
    with store.reading() as reader:
        release = None if found.release_id is None else queries.release(reader, found.release_id)
        init = None if found.dynamic_configs_run_id is None else queries.run(reader, found.dynamic_configs_run_id)
        before = None if init is None or init.release_id is None else queries.release(reader, init.release_id)
    return release, before


def _has_dynamic_choices(release: Release, found: Tenant) -> bool:
    """Whether choices wait for an init run, or an init run has already printed some of those the form defines."""
    from pandium_tui.manifest.form.building import build_form

    schema = release.config_schema if isinstance(release.config_schema, dict) else {}
    definitions = schema.get("definitions")
    if not isinstance(definitions, dict) or not definitions:
        return False
    if definitions.keys() & (found.dynamic_configs or {}).keys():
        return True
    form = build_form(release.config_schema, release.config_uischema, dynamic_known=False)
    return any(one.awaits for field in form.fields for one in (field, *field.fields))


def _reason(found: Tenant, release: Release, printed_for: Release | None, connected: list[Connection]) -> str:
    if found.dynamic_configs_date is None:
        return "the form's choices are not loaded yet"
    if printed_for is not None and printed_for.id != release.id:
        return f"the form's choices are those of release {printed_for.name}"
    for one in connected:
        if one.modified_date is not None and one.modified_date > found.dynamic_configs_date:
            return f"{one.connector} was connected after the form's choices were loaded"
    return ""
