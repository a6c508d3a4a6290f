"""A store as people have it after their first week: a few of everything, with nothing odd in it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlmodel import Session, select, update

from pandium_tui.hub.integrations import edit_integration, integration, values_of
from pandium_tui.hub.listing_content import Category
from pandium_tui.hub.listings import edit_listing, publish_listing, submit_listing
from pandium_tui.hub.notifications import NotificationValues, add_notification
from pandium_tui.hub.schedule_options import COMMON_OPTIONS
from pandium_tui.hub.source_accounts import SourceAccountValues, create_source_account
from pandium_tui.manifest.form.choices import dynamic_from_state
from pandium_tui.storage.database import Store
from pandium_tui.storage.setup_tables import SourceAccountRow
from pandium_tui.storage.tables import (
    ActivityRow,
    IntegrationRow,
    ReleaseRow,
    RunRow,
    SealedValueRow,
    TenantRow,
    TriggerRow,
)
from pandium_tui.storage.unattended_tables import NotificationRow, SkippedSlotsRow
from pandium_tui.storage.vault import Secret
from tests.connecting import ACTOR, add, connect, define_crm
from tests.manifest.form.test_example import CONFIGS, PRINTED
from tests.screens.crowd import Place
from tests.screens.filling import NOW, Filled, ago, fill
from tests.screens.log_files import record
from tests.screens.test_settings_page import configs_of

MANIFEST = """version: 0.4
base: python:3.7
build: pip install -r requirements.txt
run: python -m crm
configs: {}
"""


def fill_few(store: Store) -> Place:
    """Fill an empty store. The run of the place has failed."""
    define_crm(store)
    filled = fill(store)
    with store.writing() as session:
        failed = session.exec(select(RunRow).where(RunRow.phase == "Failed (Integration Issue)")).one()
        run_id = failed.id or 0
        _tell_more(session, filled, failed)
    _write_logs(store, filled.release_id, run_id)
    _through_the_hub(store, filled)
    with store.writing() as session:
        _add_history(session, filled)
        # What differs from store to store: the secrets' key, and who did when what was done above.
        session.exec(update(SealedValueRow).values(fingerprint="3fa2c1", set_date=ago(hours=2)))
        session.exec(update(SourceAccountRow).values(modified_date=ago(days=1)))
    return Place("few", filled.integration_id, filled.tenant_id, filled.release_id, run_id)


def _tell_more(session: Session, filled: Filled, failed: RunRow) -> None:
    """All there can be to say about a release, a tenant with a form, and a run that failed."""
    form = configs_of(CONFIGS)
    release = session.get_one(ReleaseRow, filled.release_id)
    tenant = session.get_one(TenantRow, filled.tenant_id)
    _change(
        release,
        base="python:3.7",
        toolchain="Python 3.11.7",
        build_command="pip install -r requirements.txt",
        run_command="python -m crm",
        path="integrations/crm",
        manifest=MANIFEST,
        config_schema=form["schema"],
        config_uischema=form["uischema"],
        warnings=["python:3.7 is not installed here: built with Python 3.11.7"],
        started_by="ada (hub)",
        started_date=ago(days=3),
        completed_date=ago(days=3, seconds=-42),
    )
    _change(
        tenant,
        configs={"batch": 100, "queue_id": 9, "tag_names": ["vip", "late order"]},
        dynamic_configs=dynamic_from_state(PRINTED, form["schema"])[0],
        dynamic_configs_run_id=1,
        tenant_metadata={"cursor": "2099-05-04", "seen": 1204},
    )
    _change(
        failed,
        exit_code=3,
        reason="it ended with exit code 3",
        state="done 12 of 14",
        warnings=["its state (the last line it printed to stdout) is not JSON; it is kept as it is"],
        time_limit=600,
        configs={"batch": 100, "log_level": "INFO"},
    )
    for number in (2, 3):
        _change(session.get_one(ReleaseRow, filled.release_id + number - 1), config_schema=form["schema"])
    session.get_one(ReleaseRow, filled.release_id + 2).reason = "the build ended with exit code 1"


def _change(row: Any, **values: object) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _write_logs(store: Store, release_id: int, run_id: int) -> None:
    moment = "2099-05-04T11:30:01.000Z"
    logs = {
        store.settings.release_folder(release_id): record("$ pip install -r requirements.txt", "sys", moment)
        + record("Collecting requests", "out", moment),
        store.settings.run_folder(run_id): b"".join(
            record(f"row {number} of 14", "err", moment) for number in range(1, 13)
        )
        + record("Traceback (most recent call last): KeyError", "err", moment)
        + record("done 12 of 14", "out", moment),
    }
    for folder, log in logs.items():
        folder.mkdir(parents=True)
        (folder / "log").write_bytes(log)


def _through_the_hub(store: Store, filled: Filled) -> None:
    """Schedules, connectors, a listing, notifications and accounts, as people make them."""
    one = integration(store, filled.integration_id)
    edit_integration(store, one.id, replace(values_of(one), schedule_options=COMMON_OPTIONS), ACTOR)
    crm = add(store, one.id, "crm-main", "crm", client_id="id-4711", client_secret="a-client-secret")
    connect(store, crm, filled.tenant_id, {"account": "a-17", "access_token": "an-access-token-of-acme"})
    add(store, one.id, "hubspot", method="access-token", scope="global")
    add(store, one.id, "slack-oauth", "slack", "oauth")
    content = {
        "display_name": "CRM Sync",
        "tagline": "Contacts where you need them",
        "short_description": "Keeps **contacts** in step.",
        "long_description": "# What it does\n\n- reads contacts\n- writes them",
        "logo": "https://cdn.example.com/logo.png",
        "screenshots": ("https://cdn.example.com/one.png",),
        "categories": (Category("CRM", 10),),
        "tags": ("contacts", "sync"),
        "developer_name": "Acme",
        "support_email": "help@example.com",
    }
    edit_listing(store, one.id, content, ACTOR)
    submit_listing(store, one.id, ACTOR)
    publish_listing(store, one.id, ACTOR)
    hook = NotificationValues("webhook", url="https://hooks.example.com/pandium", secret=Secret("a long secret of it"))
    add_notification(store, one.id, hook, ACTOR)
    add_notification(store, one.id, NotificationValues("command", command=("true", "--team", "x")), ACTOR)
    create_source_account(store, SourceAccountValues("acme", token=Secret("a-token-of-acme-4711")), ACTOR)
    create_source_account(store, SourceAccountValues("public", "GitLab", "none"), ACTOR)


def _add_history(session: Session, filled: Filled) -> None:
    """Runs of globex over two days, what waits of acme, slots that did not run, and who did what."""
    crm, acme = filled.integration_id, filled.tenant_id
    session.get_one(IntegrationRow, crm).default_release_id = filled.release_id
    asked = {"tenant_id": acme, "created_date": ago(minutes=1)}
    session.add(TriggerRow(source="manual", created_by="ada", **asked))
    session.add(TriggerRow(source="cron", scheduled_for=ago(minutes=2), not_before=NOW + timedelta(minutes=5), **asked))
    session.add(
        SkippedSlotsRow(
            tenant_id=acme,
            first_slot=ago(hours=3),
            last_slot=ago(hours=1),
            slots=3,
            reason="the run before was still going",
            blocking_run_id=3,
            created_date=ago(hours=1),
        )
    )
    for about in session.exec(select(NotificationRow)):
        if about.kind == "webhook":
            about.problem, about.problem_date = "hooks.example.com answered 500", ago(minutes=5)
        else:
            about.sent_date = ago(minutes=5)
    for row in session.exec(select(ActivityRow)):
        row.created_date = ago(hours=3)
    for minutes, who, what, of in (
        (60, "ada (hub)", "build release", {"integration_id": crm, "release_id": filled.release_id}),
        (50, "ada (cli)", "pause engines", {"detail": "for the upgrade"}),
        (40, "bob (api)", "cancel run", {"integration_id": crm, "tenant_id": acme, "run_id": 1}),
    ):
        session.add(ActivityRow(created_date=ago(minutes=minutes), actor=who, action=what, **of))
