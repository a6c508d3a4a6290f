"""What a person looks at first: what fails, what goes on, what comes next, and what will soon be in the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pandium_tui.engine.disk import MEBIBYTE
from pandium_tui.storage import cockpit_queries as queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.notification_queries import Notification, notifications
from pandium_tui.storage.times import from_text, utc_now
from pandium_tui.storage.vocabulary import WARNED_BEFORE

Kind = Literal["failing", "build", "credential", "notification", "storage", "running", "next"]
KINDS: tuple[Kind, ...] = ("failing", "build", "credential", "notification", "storage", "running", "next")
"""In the order in which they are told."""

MOST = queries.LIMIT
"""How many lines of a kind there are at most."""
COMING_SHOWN = 20
GIBIBYTE = 1024 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of it.

    Attributes:
        wrong: whether somebody has to do something about it.
        place: what it leads to: ``run``, ``release``, ``tenant``, ``connections`` (of a tenant), ``connectors`` (of an
            integration), ``integration`` or ``health``, and an id.
        subject: whom it is about, such as ``crm/acme``.
        date: when it failed, began, expires or comes; None where there is no such moment.
    """

    kind: Kind
    wrong: bool
    place: tuple[str, int]
    subject: str
    words: str
    date: datetime | None


def cockpit(store: Store, now: datetime | None = None) -> list[Entry]:
    """Everything that goes on, what is wrong first; at most ``MOST`` lines of a kind.

    Args:
        store: the store.
        now: what credentials are measured against; the clock's when None.
    """
    at = now or utc_now()
    with store.reading() as reader:
        failing = queries.failing_tenants(reader)
        builds = queries.failed_builds(reader)
        connections = queries.weak_connections(reader, at + WARNED_BEFORE)
        # One of an integration leads to the page of all of them.
        untold = {one.integration_id: one for one in notifications(reader) if one.problem}
        running = queries.running(reader)
        coming = queries.coming(reader, COMING_SHOWN)
    return [
        *(_failing(row) for row in failing),
        *(_failed_build(row) for row in builds),
        *(_credential(row, at) for row in connections),
        *(_untold(one) for one in list(untold.values())[: queries.LIMIT]),
        *_storage(store),
        *(_entry("running", row, "run", f"{row['mode']} run {row['run_id']}") for row in running),
        *(_entry("next", row, "tenant", row["schedule"]) for row in coming),
    ]


def _failing(row: dict[str, Any]) -> Entry:
    last = from_text(row["last_success"])
    since = "never succeeded" if last is None else f"last success {last:%Y-%m-%d %H:%M} UTC"
    return _entry("failing", row, "run", f"{row['phase']}, {since}", wrong=True)


def _failed_build(row: dict[str, Any]) -> Entry:
    words = f"{row['release_name']}: {row['reason'] or 'the build failed'}"
    return Entry("build", True, ("release", row["release_id"]), row["integration_name"], words, from_text(row["date"]))


def _credential(row: dict[str, Any], now: datetime) -> Entry:
    date = from_text(row["date"])
    if row["reconnect_reason"]:
        words = row["reconnect_reason"]
    elif row["test_status"] == "rejected":
        words = row["test_words"] or "was rejected"
    else:
        words = "has expired" if date is not None and date <= now else "expires"
    of_tenant = row["tenant_id"] is not None
    return Entry(
        "credential",
        True,
        ("connections", row["tenant_id"]) if of_tenant else ("connectors", row["integration_id"]),
        f"{row['integration_name']}/{row['tenant_name']}" if of_tenant else row["integration_name"],
        f"{row['connector_name']}: {words}",
        date,
    )


def _untold(one: Notification) -> Entry:
    words = f"{one.kind} {one.id} did not arrive: {one.problem}"
    return Entry(
        "notification", True, ("integration", one.integration_id), one.integration_name, words, one.problem_date
    )


def _storage(store: Store) -> Iterator[Entry]:
    import shutil

    settings = store.settings
    files = [settings.store_file.with_name(settings.store_file.name + suffix) for suffix in ("", "-wal")]
    size = sum(file.stat().st_size for file in files if file.exists())
    free = shutil.disk_usage(settings.home).free
    low = free < settings.disk_floor
    words = f"{free / GIBIBYTE:.1f} GiB free, store {size // MEBIBYTE} MiB"
    if low:
        words += f", under the floor of {settings.disk_floor // MEBIBYTE}: nothing new is started"
    yield Entry("storage", low, ("health", 0), "this installation", words, None)


def _entry(kind: Kind, row: dict[str, Any], place: str, words: str, *, wrong: bool = False) -> Entry:
    subject = f"{row['integration_name']}/{row['tenant_name']}"
    return Entry(kind, wrong, (place, row[f"{place}_id"]), subject, words, from_text(row["date"]))
