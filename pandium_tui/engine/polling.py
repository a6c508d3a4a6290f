"""Following tracking branches: a fetch now and then, and a release for a new commit.

Each look at a repository is claimed by writing its date in a transaction, so that several engines do not look at the
same time; integrations that share a repository and a source control account share the fetch. What is wrong with a
repository is noted on its integrations and stops no other.
"""

import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from pandium_tui.engine.engine_activity import note_engine_activity
from pandium_tui.engine.notifications import note_branch
from pandium_tui.sources.accounts import credentials_of
from pandium_tui.sources.errors import SourceError
from pandium_tui.sources.locations import is_local
from pandium_tui.sources.repositories import Commit, Repository, RepositoryCache
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.engine_records import PolledIntegration
from pandium_tui.storage.tables import IntegrationRow, ReleaseRow
from pandium_tui.storage.times import utc_now

STARTED_BY = "tracking branch"
"""What the releases made here say about who asked for them."""

REMOTE_INTERVAL = 300
"""Seconds between two looks at a repository on another machine when nothing else is said."""

JITTER = 0.1
"""By which part of its interval a look may be later, so that many do not come at once."""

REWRITTEN = "The history of the branch was rewritten"
"""What a note about a force-push begins with; it stays until the branch moves on."""


@dataclass(frozen=True, slots=True)
class Poll:
    """One fetch that this engine has claimed, and the integrations it is for."""

    url: str
    account_id: int | None
    integration_ids: tuple[int, ...]


def interval_of(url: str, interval: int | None) -> int:
    """Seconds between two looks at the tracking branch; 0: it is not followed."""
    if interval is not None:
        return interval
    return 0 if is_local(url) else REMOTE_INTERVAL


def claim_polls(store: Store, now: datetime, limit: int) -> list[Poll]:
    """Claim up to ``limit`` fetches that are due, of those that were not looked at for the longest time.

    An integration takes part in the fetch of another that is due. Nothing is given only when nothing is due.
    """
    while urls := _due_urls(store, now)[:limit]:
        with store.writing() as session:
            if claimed := _claimed(session, urls, now, limit):
                return claimed
        # Somebody else has claimed just these: look for others.
    return []


def _due_urls(store: Store, now: datetime) -> list[str]:
    with store.reading() as reader:
        due = [one for one in queries.polled_integrations(reader) if _is_due(one, now)]
    due.sort(key=lambda one: _last_look(one, now))
    return list(dict.fromkeys(one.url for one in due))


def _claimed(session: Session, urls: list[str], now: datetime, limit: int) -> list[Poll]:
    # Only those: to load a thousand integrations for four of them took most of what an idle app needs.
    rows = session.exec(
        select(IntegrationRow).where(
            IntegrationRow.type == "Internal",
            col(IntegrationRow.archived).is_(False),
            col(IntegrationRow.repository_url).in_(urls),
        )
    ).all()
    groups: defaultdict[tuple[str, int | None], list[IntegrationRow]] = defaultdict(list)
    for row in rows:
        if row.repository_url and interval_of(row.repository_url, row.polling_interval):
            groups[row.repository_url, row.source_account_id].append(row)
    chosen = [group for group in groups.items() if any(_is_due(_polled(row), now) for row in group[1])][:limit]
    for _, members in chosen:
        for row in members:
            row.polled_date = now
    return [Poll(url, account, tuple(_id(row.id) for row in members)) for (url, account), members in chosen]


def _last_look(one: PolledIntegration, now: datetime) -> datetime:
    return datetime.min.replace(tzinfo=UTC) if one.date is None or one.date > now else one.date


def poll(store: Store, claimed: Poll, interrupted: Callable[[], bool]) -> list[int]:
    """Fetch a repository and note what its branches lead to; gives the ids of the releases that were made.

    Takes as long as the network does: call it from a thread of its own.

    Raises:
        FetchCancelledError: ``interrupted`` said yes.
        StoreError: the store cannot be used.
    """
    try:
        repository = RepositoryCache(store.settings.repositories_folder).fetch(
            claimed.url, credentials=credentials_of(store, claimed.account_id), cancelled=interrupted
        )
    except SourceError as error:
        for integration_id in claimed.integration_ids:
            _note(store, claimed, integration_id, str(error))
        return []
    made = [_follow(store, claimed, repository, integration_id) for integration_id in claimed.integration_ids]
    return [release_id for release_id in made if release_id is not None]


def _follow(store: Store, claimed: Poll, repository: Repository, integration_id: int) -> int | None:
    with store.reading() as reader:
        one = queries.polled_integration(reader, integration_id)
    if one is None:
        return None
    try:
        commit = repository.resolve(one.branch)
        problem = _rewriting(repository, one.commit, commit)
    except SourceError as error:
        _note(store, claimed, integration_id, str(error))
        return None
    with store.writing() as session:
        row = _still_the_same(session, claimed, integration_id)
        if row is None or row.repository_tracking_branch != one.branch or row.polled_commit != one.commit:
            return None
        if row.polled_commit == commit.sha:
            if not (row.source_problem or "").startswith(REWRITTEN):
                _set_problem(session, row, None)
            return None
        known = row.polled_commit is None and _has_release_of(session, integration_id, commit.sha)
        row.polled_commit = commit.sha
        _set_problem(session, row, problem)
        return None if known else _add_release(session, row, commit)


def _rewriting(repository: Repository, before: str | None, now: Commit) -> str | None:
    """What to say when a branch does not build on where it was before."""
    if before is None or before == now.sha or repository.is_part_of(before, now.sha):
        return None
    return (
        f"{REWRITTEN}: {before[:12]} is no longer part of {now.branch}, which is at {now.sha[:12]} now. "
        "A release of it is built; check that this was meant."
    )


def _add_release(session: Session, parent: IntegrationRow, commit: Commit) -> int:
    now = utc_now()
    release = ReleaseRow(
        integration_id=_id(parent.id),
        name="",
        commit=commit.sha,
        commit_subject=commit.subject,
        branch=commit.branch,
        path=parent.repository_path,
        started_by=STARTED_BY,
        created_date=now,
        modified_date=now,
    )
    session.add(release)
    session.flush()
    release.name = f"{parent.name}-{release.id}"
    note_engine_activity(
        session, "build release", commit.sha[:12], actor=STARTED_BY, integration_id=parent.id, release_id=release.id
    )
    return _id(release.id)


def _has_release_of(session: Session, integration_id: int, sha: str) -> bool:
    found = select(ReleaseRow.id).where(ReleaseRow.integration_id == integration_id, ReleaseRow.commit == sha).limit(1)
    return session.exec(found).first() is not None


def _note(store: Store, claimed: Poll, integration_id: int, problem: str) -> None:
    with store.writing() as session:
        row = _still_the_same(session, claimed, integration_id)
        if row is not None:
            _set_problem(session, row, problem)


def _still_the_same(session: Session, claimed: Poll, integration_id: int) -> IntegrationRow | None:
    """The integration, unless somebody pointed it elsewhere during the fetch."""
    row = session.get(IntegrationRow, integration_id)
    if row is None or (row.repository_url, row.source_account_id) != (claimed.url, claimed.account_id):
        return None
    return row


def _set_problem(session: Session, row: IntegrationRow, problem: str | None) -> None:
    rewritten = (problem or "").startswith(REWRITTEN)
    # A network that was away for a moment wakes nobody: what cannot be followed is told at the second look.
    if problem is None or rewritten or row.source_problem is not None:
        note_branch(session, row, problem, rewritten=rewritten)
    if row.source_problem == problem:
        return
    row.source_problem = problem
    action = "tracking branch is well again" if problem is None else "tracking branch cannot be followed"
    note_engine_activity(session, action, problem or "", actor=STARTED_BY, integration_id=row.id)


def _polled(row: IntegrationRow) -> PolledIntegration:
    return PolledIntegration(
        id=_id(row.id),
        url=row.repository_url or "",
        branch=row.repository_tracking_branch,
        interval=row.polling_interval,
        date=row.polled_date,
        commit=row.polled_commit,
    )


def _is_due(one: PolledIntegration, now: datetime) -> bool:
    interval = interval_of(one.url, one.interval)
    if not interval:
        return False
    # A date in the future is one of a clock that was put back since.
    if one.date is None or one.date > now:
        return True
    part = zlib.crc32(f"{one.id} {one.date}".encode()) / 2**32
    return now >= one.date + timedelta(seconds=interval * (1 + JITTER * part))


def _id(value: int | None) -> int:
    assert value is not None
    return value
