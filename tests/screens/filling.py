"""Stores with something in them, and the app on them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pandium_tui.app import PandiumApp
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow, RunRow, TenantRow, TriggerRow

# Far ahead, so that "in the last 24 hours" holds whatever the real clock says.
NOW = datetime(2099, 5, 4, 12, 0, tzinfo=UTC)

HOSTILE = "[red]x[/oops] \x1b[41m\x1b]0;title\x07 \u202egnp.exe"

SCHEMA = {
    "type": "object",
    "properties": {
        "log_level": {"type": "string", "enum": ["INFO", "DEBUG"], "default": "INFO"},
        "batch": {"type": "integer", "default": 50},
        "push_notes": {"type": "boolean"},
        "since": {"type": "string", "format": "date"},
    },
}


def ago(**parts: float) -> datetime:
    return NOW - timedelta(**parts)


def app_on(store: Store) -> PandiumApp:
    return PandiumApp(store.settings, store, embedded_engine=False, clock=lambda: NOW)


@dataclass
class Filled:
    integration_id: int
    tenant_id: int
    release_id: int


def fill(store: Store) -> Filled:
    """Four integrations: a busy one with two tenants, a new one, an external one, an archived one with a bad name."""
    old = {"created_date": ago(days=3), "modified_date": ago(days=1)}
    with store.writing() as session:
        crm = IntegrationRow(
            name="crm-sync",
            long_name="Contacts to the warehouse",
            repository_url="https://git.example.com/acme/crm-sync",
            repository_tracking_branch="main",
            repository_path="integrations/crm",
            **old,
        )
        new = IntegrationRow(name="billing", repository_url="/srv/git/billing", **old)
        listing = IntegrationRow(name="partner", type="External", target_url="https://partner.example.com", **old)
        gone = IntegrationRow(name="old-one", long_name=HOSTILE, repository_url="/srv/x", archived=True, **old)
        session.add_all([crm, new, listing, gone])
        session.flush()
        releases = [
            ReleaseRow(
                integration_id=crm.id,
                name=f"crm-sync-{number}",
                commit=f"{number}" * 40,
                commit_subject="Read segments",
                branch="main",
                tag="v1" if number == 1 else None,
                status=status,
                config_schema=SCHEMA,
                **old,
            )
            for number, status in ((1, "Ready"), (2, "Ready"), (3, "Failed"))
        ]
        session.add_all(releases)
        session.flush()
        crm.default_release_id = releases[0].id
        first = TenantRow(
            name="acme",
            integration_id=crm.id,
            integration_release_channel="Default",
            configs={"batch": 100},
            user_schedule="0 * * * *",
            schedule="0 * * * *",
            next_run=NOW + timedelta(hours=1),
            **old,
        )
        second = TenantRow(
            name="globex", integration_id=crm.id, integration_release_id=releases[1].id, paused=True, **old
        )
        session.add_all([first, second])
        session.flush()
        _add_run(session, crm.id, first.id, releases[0].id, "Succeeded", 90)
        _add_run(session, crm.id, second.id, releases[1].id, "Failed (Integration Issue)", 30)
        _add_run(session, crm.id, first.id, releases[0].id, "Running", 2)
    return Filled(crm.id or 0, first.id or 0, releases[0].id or 0)


def _add_run(session, integration_id, tenant_id, release_id, phase, minutes) -> None:
    ended = None if phase == "Running" else ago(minutes=minutes - 1)
    run = RunRow(
        tenant_id=tenant_id,
        integration_id=integration_id,
        release_id=release_id,
        phase=phase,
        created_date=ago(minutes=minutes),
        started_date=ago(minutes=minutes),
        completed_date=ended,
    )
    session.add(run)
    session.flush()
    session.add(TriggerRow(tenant_id=tenant_id, source="manual", created_date=ago(minutes=minutes), run_id=run.id))
    tenant = session.get(TenantRow, tenant_id)
    tenant.last_run_id = run.id if ended else tenant.last_run_id
    session.add(tenant)
