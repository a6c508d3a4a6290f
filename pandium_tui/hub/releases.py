"""Releases: built versions of an internal integration."""

from typing import TYPE_CHECKING

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError, NotFoundError, RefusedError
from pandium_tui.hub.integrations import integration
from pandium_tui.sources.errors import SourceError
from pandium_tui.sources.locations import checked_branch
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.filtering.filters import EVERYTHING, Filter
from pandium_tui.storage.records import Release
from pandium_tui.storage.times import utc_now

if TYPE_CHECKING:
    from pandium_tui.engine.logs import LogReader

TAG_LENGTH = 64


def releases(
    store: Store,
    integration_id: int,
    *,
    before_id: int | None = None,
    limit: int = queries.PAGE,
    matching: Filter = EVERYTHING,
    oldest_first: bool = False,
) -> list[Release]:
    """The releases of an integration, newest first, a page at a time; ``matching``: see ``hub.filtering``."""
    with store.reading() as reader:
        return queries.releases(
            reader, integration_id, before_id=before_id, limit=limit, matching=matching, oldest_first=oldest_first
        )


def release(store: Store, release_id: int) -> Release:
    """One release.

    Raises:
        NotFoundError: there is none with this id.
    """
    with store.reading() as reader:
        found = queries.release(reader, release_id)
    if found is None:
        raise NotFoundError(f"There is no release {release_id}.")
    return found


def build_problems(branch: str | None, tag: str | None) -> dict[str, str]:
    """What is wrong with the values of a build, by field; empty when it can be asked for."""
    problems = {}
    if branch:
        try:
            checked_branch(branch)
        except SourceError as error:
            problems["branch"] = str(error)
    if tag and (len(tag) > TAG_LENGTH or not tag.isprintable()):
        problems["tag"] = f"may have at most {TAG_LENGTH} printable characters"
    return problems


def build_release(
    store: Store,
    integration_id: int,
    actor: Actor,
    *,
    branch: str | None = None,
    commit: str | None = None,
    tag: str | None = None,
) -> Release:
    """Ask for a build of a commit, else of a branch, else of the tracking branch. An engine takes it up.

    Raises:
        RefusedError: the integration is external or archived.
        InvalidError: the branch or tag cannot be one.
    """
    from pandium_tui.engine.disk import lack_of_space
    from pandium_tui.storage.tables import ReleaseRow

    parent = integration(store, integration_id)
    if parent.type != "Internal":
        raise RefusedError(f"{parent.name} is an external integration: it has no code to build.")
    if parent.archived:
        raise RefusedError(f"{parent.name} is archived. Restore it first.")
    if lack := lack_of_space(store.settings):
        raise RefusedError(f"Nothing new is started, {lack}. Free some space, or see: pandium-tui store usage")
    if problems := build_problems(branch, tag):
        raise InvalidError(problems)
    now = utc_now()
    with store.writing() as session:
        row = ReleaseRow(
            integration_id=integration_id,
            name="",
            tag=tag or None,
            commit=commit or None,
            branch=branch or parent.repository_tracking_branch or None,
            path=parent.repository_path,
            started_by=str(actor),
            created_date=now,
            modified_date=now,
        )
        session.add(row)
        session.flush()
        assert row.id is not None
        row.name = f"{parent.name}-{row.id}"
        note_activity(session, actor, "build release", integration_id=integration_id, release_id=row.id)
    return release(store, row.id)


def cancel_build(store: Store, release_id: int, actor: Actor) -> Release:
    """Stop a build that waits or goes on. An engine, or this process, ends its whole process tree.

    Raises:
        RefusedError: the build has ended already.
    """
    from pandium_tui.engine.cancellation import cancel_build as cancel

    found = release(store, release_id)
    if found.status not in ("Queued", "Building"):
        raise RefusedError(f"Release {found.name} is {found.status}: there is nothing to cancel.")
    with store.writing() as session:
        note_activity(session, actor, "cancel build", integration_id=found.integration_id, release_id=release_id)
    cancel(store, release_id, str(actor))
    return release(store, release_id)


def build_log(store: Store, release_id: int) -> "LogReader":
    """The log of a build, for reading while it grows."""
    from pandium_tui.engine.logs import LogReader

    return LogReader(store.settings.release_folder(release_id))


def is_being_built(store: Store, release_id: int) -> bool:
    """Whether a supervisor works on the build, which then goes on without any engine."""
    from pandium_tui.engine.cancellation import token_name
    from pandium_tui.engine.processes import ProcessIdentity, claimed_by, is_alive

    with store.reading() as reader:
        build = next((one for one in queries.open_builds(reader) if one.id == release_id), None)
    if build is None:
        return False
    folder = store.settings.release_folder(release_id)
    owner = claimed_by(folder, token_name(build.created_date, build.attempt))
    return isinstance(owner, ProcessIdentity) and is_alive(owner)
