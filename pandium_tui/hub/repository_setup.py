"""Setup Integration Repo: the files an integration begins with, shown first, then pushed as one commit."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.integrations import integration
from pandium_tui.sources.accounts import credentials_of
from pandium_tui.sources.errors import SourceError
from pandium_tui.sources.locations import checked_branch
from pandium_tui.sources.repositories import Repository, RepositoryCache
from pandium_tui.sources.scaffold import Language, ScaffoldPlan, commit_scaffold, plan_scaffold
from pandium_tui.storage.database import Store
from pandium_tui.storage.records import Integration

Progress = Callable[[str], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class PushedSetup:
    """What was pushed: the commit, and which files it wrote."""

    branch: str
    commit: str
    files: tuple[str, ...]


def plan_setup(
    store: Store,
    integration_id: int,
    language: Language,
    branch: str | None = None,
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> ScaffoldPlan:
    """What would be written to the branch, else the tracking branch, else the repository's own one.

    Raises:
        InvalidError: the branch cannot be one.
        RefusedError: the integration has no repository, or it cannot be read.
        FetchCancelledError: ``cancelled`` said yes.
    """
    parent = _with_repository(store, integration_id)
    try:
        wanted = checked_branch(branch) if branch else parent.repository_tracking_branch
    except SourceError as error:
        raise InvalidError({"branch": str(error)}) from error
    try:
        repository = _fetched(store, parent, progress, cancelled)
        return plan_scaffold(repository, language, parent.name, wanted, parent.repository_path)
    except SourceError as error:
        raise RefusedError(str(error)) from error


def push_setup(
    store: Store,
    integration_id: int,
    plan: ScaffoldPlan,
    actor: Actor,
    *,
    overwrite: Collection[str] = (),
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> PushedSetup:
    """Commit and push a plan. Files that are there stay as they are, but those in ``overwrite``.

    Raises:
        RefusedError: there is nothing to write, or the push does not go through; the text says why.
        FetchCancelledError: ``cancelled`` said yes.
    """
    parent = _with_repository(store, integration_id)
    try:
        repository = _fetched(store, parent, progress, cancelled)
        commit = commit_scaffold(repository, plan, overwrite)
        _cache(store).push(
            repository,
            commit,
            plan.branch,
            credentials=credentials_of(store, parent.source_account_id),
            progress=progress,
            cancelled=cancelled,
        )
    except SourceError as error:
        raise RefusedError(str(error)) from error
    files = tuple(one.path for one in plan.written(overwrite))
    with store.writing() as session:
        detail = f"{plan.language}, {len(files)} files on {plan.branch}, commit {commit[:12]}"
        note_activity(session, actor, "set up repository", integration_id=parent.id, detail=detail)
    return PushedSetup(plan.branch, commit, files)


def _with_repository(store: Store, integration_id: int) -> Integration:
    parent = integration(store, integration_id)
    if parent.type != "Internal":
        raise RefusedError(f"{parent.name} is an external integration: it has no repository.")
    return parent


def _fetched(store: Store, parent: Integration, progress: Progress | None, cancelled: Cancelled | None) -> Repository:
    return _cache(store).fetch(
        parent.repository_url or "",
        credentials=credentials_of(store, parent.source_account_id),
        progress=progress,
        cancelled=cancelled,
    )


def _cache(store: Store) -> RepositoryCache:
    return RepositoryCache(store.settings.repositories_folder)
