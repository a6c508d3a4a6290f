"""A store with integrations of no and of many rows, and texts as nobody wants them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from pandium_tui.storage.database import Store
from pandium_tui.storage.setup_tables import ConnectionRow, ConnectorRow, SourceAccountRow
from pandium_tui.storage.tables import ActivityRow, IntegrationRow, ReleaseRow, RunRow, TenantRow, TriggerRow
from pandium_tui.storage.unattended_tables import NotificationRow, SkippedSlotsRow
from pandium_tui.storage.vocabulary import HTTPS_ACCESS
from tests.screens.filling import NOW, ago
from tests.screens.log_files import record

HOSTILE = (
    "[red]x[/oops] [@click=app.leave]q[/] \\[b]",
    "\x1b[41m\x1b]0;title\x07\x9b2J",
    "\u202egnp.exe \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "\u65e5\u672c\u8a9e\u306e\u540d\u524d\u3067\u9577\u3044\u3082\u306e\u3001\u5168\u89d2\u306e\u5e45",
    "e\u0301e\u0301 z\u0351\u0352\u0353 \U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467 \u26a0\ufe0f",
    "one\ntwo\r\nthree\ttabs",
    "5,000 of these: " + "long " * 997,
)
"""Markup, escape sequences, text from right to left, wide, combining, of several lines, and very long."""

PHASES = ("Succeeded", "Failed (Integration Issue)", "Failed (Timeout)", "Cancelled", "Failed (Metadata Validation)")
SCHEMA = {
    "type": "object",
    "required": ["value-0"],
    "properties": {
        "value-0": {"type": "string", "title": HOSTILE[0], "description": HOSTILE[1]},
        "value-1": {"type": "integer", "title": HOSTILE[3], "default": 10**30},
        "value-2": {"type": "string", "title": HOSTILE[2], "enum": [*HOSTILE]},
        "value-3": {"type": "boolean", "title": HOSTILE[6], "description": HOSTILE[6]},
        "value-4": {"type": "array", "title": HOSTILE[4], "items": {"type": "string"}, "default": [*HOSTILE]},
    },
}


@dataclass(frozen=True)
class Place:
    """Where the pages of one amount of rows are: none, few or many."""

    amount: str
    integration_id: int
    tenant_id: int
    release_id: int
    run_id: int


def fill_bare(store: Store) -> Place:
    """One of each, without anything in it: an integration nobody has built, and one with a tenant and its first run."""
    empty = _integration(store, "empty", "")
    bare = _rows(store, "bare", ("",), tenants=1, runs=1)
    return Place("none", empty, bare.tenant_id, bare.release_id, bare.run_id)


def fill_crowd(store: Store) -> Place:
    """Very many of everything."""
    with store.writing() as session:
        for number in range(120):
            session.add(
                SourceAccountRow(
                    uuid=f"a{number}",
                    name=f"{HOSTILE[number % len(HOSTILE)]}{number or ''}",
                    provider="GitHub",
                    method=HTTPS_ACCESS,
                    username=HOSTILE[-number % len(HOSTILE)],
                    created_date=ago(days=9),
                    modified_date=ago(days=9),
                )
            )
    place = _rows(store, "many", HOSTILE, tenants=120, runs=240)
    for number in range(120):
        _integration(store, f"many-{number:03}", HOSTILE[number % len(HOSTILE)])
    return place


def _integration(store: Store, name: str, text: str) -> int:
    with store.writing() as session:
        row = IntegrationRow(
            name=name,
            long_name=text,
            repository_url=f"/srv/git/{name}{text}",
            repository_tracking_branch=text or None,
            repository_path=text,
            source_problem=text or None,
            created_date=ago(days=9),
            modified_date=ago(days=1),
        )
        session.add(row)
        session.flush()
        return row.id or 0


def _rows(store: Store, name: str, texts: tuple[str, ...], *, tenants: int, runs: int) -> Place:
    """An integration with so many tenants, releases and runs, whose texts take turns."""
    integration_id = _integration(store, name, texts[0])
    dates = {"created_date": ago(days=3), "modified_date": ago(days=1)}
    bare = len(texts) == 1
    with store.writing() as session:

        def text(number: int) -> str:
            return texts[number % len(texts)]

        releases = [
            ReleaseRow(
                integration_id=integration_id,
                name=f"{name}-{number}",
                commit=f"{number:040}",
                commit_subject=text(number),
                branch=text(number + 1),
                tag=text(number + 2) or None,
                status="Failed" if number % 3 == 1 else "Ready",
                reason=text(number) if number % 3 == 1 else None,
                warnings=[] if bare else [*texts],
                config_schema=None if bare else SCHEMA,
                started_by=text(number) or "ada (hub)",
                toolchain=text(number) or None,
                **dates,
            )
            for number in range(1 if bare else tenants)
        ]
        session.add_all(releases)
        session.flush()
        rows = [
            TenantRow(
                name=f"{text(number)}{number or ''}" or "tenant",
                integration_id=integration_id,
                integration_release_id=releases[0].id,
                schedule=None if bare else "*/5 * * * *",
                next_run=None if bare else NOW + timedelta(minutes=number + 1),
                paused=number % 5 == 4,
                tenant_metadata={} if bare else {text(number): [*texts]},
                **dates,
            )
            for number in range(tenants)
        ]
        session.add_all(rows)
        session.flush()
        made = []
        for number in range(runs):
            tenant = rows[number % tenants]
            begun = ago(minutes=(runs - number) * 7)
            run = RunRow(
                tenant_id=tenant.id,
                integration_id=integration_id,
                release_id=releases[0].id,
                phase=PHASES[number % len(PHASES)],
                reason=text(number) or None,
                state=text(number) or None,
                warnings=[] if bare else [text(number)],
                configs={} if bare else {text(number): [*texts]},
                created_date=begun,
                started_date=begun,
                completed_date=begun + timedelta(seconds=min(10**number, 400) if number < 8 else number),
            )
            session.add(run)
            session.flush()
            source = "manual" if number % 2 else "webhook"
            session.add(
                TriggerRow(
                    tenant_id=tenant.id, source=source, created_by=text(number), created_date=begun, run_id=run.id
                )
            )
            tenant.last_run_id = run.id
            made.append(run.id or 0)
        if not bare:
            session.get_one(IntegrationRow, integration_id).default_release_id = releases[0].id
            for number in range(tenants):
                tenant_id = rows[number].id or 0
                _things_of(session, integration_id, tenant_id, number, text)
        place = Place(
            "many", integration_id, rows[0].id or 0, releases[-1 if bare else 1].id or 0, made[-1 if bare else 1]
        )
    if not bare:
        folder = store.settings.run_folder(place.run_id)
        folder.mkdir(parents=True)
        lines = b"".join(record(line) for one in texts for line in (one.replace("\r", "").split("\n")))
        (folder / "log").write_bytes(lines * (len(rows) // len(texts)))
    return place


def _things_of(session: Session, integration_id: int, tenant_id: int, number: int, text: Callable[[int], str]) -> None:
    """What is about a tenant, or a row of another list per tenant: activity, what waits, connectors, notifications."""
    when = {"created_date": ago(minutes=number + 1)}
    session.add(
        ActivityRow(
            actor=text(number), action=text(number + 1), detail=text(number), integration_id=integration_id, **when
        )
    )
    session.add(TriggerRow(tenant_id=tenant_id, source="manual", created_by=text(number), note=text(number), **when))
    session.add(
        SkippedSlotsRow(
            tenant_id=tenant_id,
            first_slot=ago(hours=3),
            last_slot=ago(hours=1),
            slots=10 ** (number % 9),
            reason=text(number),
            **when,
        )
    )
    if number >= 40:
        return
    session.add(
        NotificationRow(
            uuid=f"n{tenant_id}",
            integration_id=integration_id,
            kind="command",
            target={"command": ["notify", text(number)]},
            interval=60,
            problem=text(number),
            problem_date=ago(minutes=9),
            **when,
        )
    )
    connector = ConnectorRow(
        uuid=f"c{tenant_id}",
        integration_id=integration_id,
        name=f"connector-{number}",
        catalogue_id="generic" if number % 3 else "hubspot",
        scope="global" if number % 2 else "tenant",
        method="values" if number % 3 else "access-token",
        modified_date=ago(days=1),
        **when,
    )
    session.add(connector)
    session.flush()
    session.add(
        ConnectionRow(
            uuid=f"d{tenant_id}",
            connector_id=connector.id,
            tenant_id=None if number % 2 else tenant_id,
            method=connector.method,
            plain={"url": text(number)},
            reconnect_reason=text(number),
            test_status="refused",
            test_words=text(number),
            tested_date=ago(minutes=5),
            modified_date=ago(days=1),
            **when,
        )
    )
