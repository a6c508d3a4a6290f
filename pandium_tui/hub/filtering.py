"""Filters of lists, as typed behind ``/`` or given with ``--filter``: which fields each list has."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from pandium_tui.storage.database import Store
from pandium_tui.storage.filtering.filters import EVERYTHING, Field, Fields, Filter, read_filter
from pandium_tui.storage.filtering.kinds import Choice, Moment, Now, Number, Text
from pandium_tui.storage.filtering.language import FilterError
from pandium_tui.storage.filtering.lists import ACTIVITY_FIELDS, RELEASE_FIELDS, RUN_FIELDS, TENANT_FIELDS
from pandium_tui.storage.records import Integration
from pandium_tui.storage.times import utc_now
from pandium_tui.storage.vocabulary import (
    CONNECTION_STATUSES,
    CONNECTOR_SCOPES,
    INTEGRATION_TYPES,
    PHASES,
    RUN_MODES,
    SOURCE_METHODS,
    SOURCE_PROVIDERS,
    TRIGGER_SOURCES,
)

if TYPE_CHECKING:
    from pandium_tui.storage.notification_queries import Notification

T = TypeVar("T")


def _state(one: Integration) -> str:
    return "archived" if one.archived else "paused" if one.paused else "active"


INTEGRATION_FIELDS = {
    "integration": Field(Text(), read=lambda one: one.name, searched=True),
    "name": Field(Text(), read=lambda one: (one.name, one.long_name or one.name), searched=True),
    "phase": Field(Choice(PHASES), read=lambda one: one.last_run and one.last_run.phase, searched=True),
    "since": Field(Moment(since=True), read=lambda one: one.last_run and one.last_run.created_date),
    "until": Field(Moment(since=False), read=lambda one: one.last_run and one.last_run.created_date),
    "failed": Field(Number(), read=lambda one: one.failures_24h),
    "running": Field(Number(), read=lambda one: one.running),
    "queued": Field(Number(), read=lambda one: one.queued),
    "tenants": Field(Number(), read=lambda one: one.tenants),
    "release": Field(Text(), read=lambda one: one.default_release_name, searched=True),
    "repository": Field(Text(), read=lambda one: one.repository_url, searched=True),
    "state": Field(Choice(("active", "paused", "archived")), read=_state),
    "type": Field(Choice(INTEGRATION_TYPES), read=lambda one: one.type, searched=True),
}
CONNECTOR_FIELDS = {
    "connector": Field(Text(), read=lambda one: one.name, searched=True, also="name"),
    "uses": Field(Text(), read=lambda one: f"{one.label}: {one.method_label}", searched=True),
    "scope": Field(Choice(CONNECTOR_SCOPES), read=lambda one: one.scope, searched=True),
    "status": Field(Choice(CONNECTION_STATUSES), read=lambda one: one.status, searched=True),
    "tenants": Field(Number(), read=lambda one: len(one.connected)),
    "missing": Field(Number(), read=lambda one: len(one.not_connected)),
}
CONNECTION_FIELDS = {
    "connector": Field(Text(), read=lambda one: one.connector, searched=True, also="name"),
    "uses": Field(Text(), read=lambda one: f"{one.label}: {one.method_label}", searched=True),
    "scope": Field(Choice(CONNECTOR_SCOPES), read=lambda one: one.scope),
    "whose": Field(Text(), read=lambda one: one.whose, searched=True),
    "status": Field(Choice(CONNECTION_STATUSES), read=lambda one: one.status, searched=True),
    "tested": Field(Moment(since=True), read=lambda one: one.tested_date),
}
ACCOUNT_FIELDS = {
    "account": Field(Text(), read=lambda one: one.name, searched=True, also="name"),
    "provider": Field(Choice(SOURCE_PROVIDERS), read=lambda one: one.provider, searched=True),
    "how": Field(Choice(SOURCE_METHODS), read=lambda one: one.method, searched=True),
    "user": Field(Text(), read=lambda one: one.username, searched=True),
    "integration": Field(Text(), read=lambda one: one.integrations, searched=True),
    "since": Field(Moment(since=True), read=lambda one: one.modified_date),
}

WAITING_FIELDS = {
    "tenant": Field(Text(), read=lambda one: one.tenant_name, searched=True),
    "integration": Field(Text(), read=lambda one: one.integration_name, searched=True),
    "source": Field(Choice(TRIGGER_SOURCES), read=lambda one: one.trigger.source, searched=True),
    "mode": Field(Choice(RUN_MODES), read=lambda one: one.trigger.mode),
    "since": Field(Moment(since=True), read=lambda one: one.trigger.created_date),
    "until": Field(Moment(since=False), read=lambda one: one.trigger.created_date),
    "trigger": Field(Number(), read=lambda one: one.trigger.id, searched=True),
    "run": Field(Number(), read=lambda one: one.current_run_id, searched=True),
}
SKIPPED_FIELDS = {
    "tenant": Field(Text(), read=lambda one: one.tenant_name, searched=True),
    "integration": Field(Text(), read=lambda one: one.integration_name, searched=True),
    "reason": Field(Text(), read=lambda one: one.reason, searched=True),
    "slots": Field(Number(), read=lambda one: one.slots),
    "since": Field(Moment(since=True), read=lambda one: one.first_slot),
    "until": Field(Moment(since=False), read=lambda one: one.first_slot),
    "run": Field(Number(), read=lambda one: one.blocking_run_id, searched=True),
}


def _told(one: "Notification") -> str:
    from pandium_tui.hub.notifications import target_words  # not needed before somebody looks for one

    return target_words(one)


NOTIFICATION_FIELDS = {
    "kind": Field(Choice(("command", "webhook", "email")), read=lambda one: one.kind, searched=True),
    "who": Field(Text(), read=_told, searched=True),
    "problem": Field(Text(), read=lambda one: one.problem, searched=True),
    "waiting": Field(Number(), read=lambda one: one.pending),
    "since": Field(Moment(since=True), read=lambda one: one.sent_date),
}
NOW_FIELDS = {
    "what": Field(
        Choice(("failing", "build", "credential", "notification", "storage", "running", "next")),
        read=lambda one: one.kind,
        searched=True,
    ),
    "of": Field(Text(), read=lambda one: one.subject, searched=True),
    "how": Field(Text(), read=lambda one: one.words, searched=True),
    "since": Field(Moment(since=True), read=lambda one: one.date),
}
FINDING_FIELDS = {
    "is": Field(Choice(("ok", "warning", "problem")), read=lambda one: one.status, searched=True),
    "what": Field(Text(), read=lambda one: one.check, searched=True),
    "found": Field(Text(), read=lambda one: one.found, searched=True),
}
TARGET_FIELDS = {"to": Field(Text(), read=lambda one: one[0], searched=True)}

FIELDS: dict[str, Fields] = {
    "runs": RUN_FIELDS,
    "tenants": TENANT_FIELDS,
    "releases": RELEASE_FIELDS,
    "activity": ACTIVITY_FIELDS,
    "integrations": INTEGRATION_FIELDS,
    "connectors": CONNECTOR_FIELDS,
    "connections": CONNECTION_FIELDS,
    "source accounts": ACCOUNT_FIELDS,
    "waiting": WAITING_FIELDS,
    "skipped": SKIPPED_FIELDS,
    "notifications": NOTIFICATION_FIELDS,
    "now": NOW_FIELDS,
    "findings": FINDING_FIELDS,
    "targets": TARGET_FIELDS,
}
"""The fields of each list that can be filtered."""


def filter_of(store: Store, listed: str, text: str) -> Filter:
    """Read a filter for a list, one of ``FIELDS``; times count from now, and dates are of the installation's zone.

    Raises:
        FilterError: with where in the text, and what is possible there.
    """
    return read_filter(text, FIELDS[listed], Now(utc_now(), ZoneInfo(store.settings.time_zone)))


def filter_in_force(store: Store, listed: str, text: str) -> Filter:
    """The filter that a list kept; everything passes one that cannot be used: a time in it can leave the calendar."""
    try:
        return filter_of(store, listed, text)
    except FilterError:
        return EVERYTHING


def problem_of(store: Store, listed: str, text: str) -> FilterError | None:
    """Why a filter cannot be used; None when it can."""
    try:
        filter_of(store, listed, text)
    except FilterError as error:
        return error
    return None


def passing(records: Sequence[T], matching: Filter) -> list[T]:
    """Those records of a list in memory that pass a filter."""
    return [one for one in records if matching.holds(one)]


def described(listed: str) -> str:
    """The fields of a list with what may be written after each, a line each."""
    fields = FIELDS[listed]
    width = max(len(name) for name in fields)
    also = {name: f" (or {field.also}:)" if field.also else "" for name, field in fields.items()}
    return "\n".join(f"{name + ':':<{width + 1}}  {field.kind.hint}{also[name]}" for name, field in fields.items())
