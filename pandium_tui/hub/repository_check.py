"""Looking at a repository before it is saved: what a branch and a path lead to, and what is wrong there."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pandium_tui.hub.errors import InvalidError, RefusedError
from pandium_tui.hub.integrations import IntegrationValues, account_problem, repository_problems
from pandium_tui.manifest.location import check_folder
from pandium_tui.manifest.problem import Problem
from pandium_tui.sources.accounts import credentials_of
from pandium_tui.sources.errors import SourceError
from pandium_tui.sources.locations import checked_repository_url
from pandium_tui.sources.repositories import RepositoryCache
from pandium_tui.storage.database import Store


@dataclass(frozen=True, slots=True)
class RepositoryCheck:
    """What a build would use now.

    Attributes:
        branch: the branch asked for, else the one the repository names as its own.
        date: when it was committed (UTC).
        file: the manifest that was read, or looked for in vain, relative to the root of the repository.
        problems: of the manifest, by line; without errors it can be built.
    """

    branch: str
    commit: str
    subject: str
    author: str
    date: datetime
    file: str
    problems: tuple[Problem, ...]


def check_repository(
    store: Store,
    values: IntegrationValues,
    *,
    progress: Callable[[str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> RepositoryCheck:
    """Fetch the repository and read the manifest of the newest commit. Takes as long as the network does.

    Raises:
        InvalidError: the URL, branch, path or account cannot be used, by field.
        RefusedError: the repository cannot be read; the text says why.
        FetchCancelledError: ``cancelled`` said yes.
    """
    problems = repository_problems(
        values.repository_url, values.repository_tracking_branch, values.repository_path
    ) | account_problem(store, values)
    if problems:
        raise InvalidError(problems)
    folder = store.settings.repositories_folder
    try:
        repository = RepositoryCache(folder).fetch(
            checked_repository_url(values.repository_url or ""),
            credentials=credentials_of(store, values.source_account_id),
            progress=progress,
            cancelled=cancelled,
        )
        commit = repository.resolve(values.repository_tracking_branch or None)
        with tempfile.TemporaryDirectory(dir=folder, prefix="check-") as scratch:
            root = Path(scratch).resolve()
            repository.check_out(commit.sha, root)
            checked = check_folder(root, values.repository_path)
            file = str(checked.file.relative_to(root))
    except SourceError as error:
        raise RefusedError(str(error)) from error
    except OSError as error:
        raise RefusedError(f"The files of the repository cannot be written to {folder}: {error}.") from error
    return RepositoryCheck(
        commit.branch or "", commit.sha, commit.subject, commit.author, commit.date, file, checked.problems
    )
