"""Bare clones of the repositories, and fresh files of one commit out of them."""

import difflib
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pandium_tui.sources.command import run_git
from pandium_tui.sources.credentials import Credentials, offered
from pandium_tui.sources.errors import (
    FetchCancelledError,
    GitFailedError,
    GitSilentError,
    SourceError,
    explained,
    without_credentials,
)
from pandium_tui.sources.locations import checked_branch, checked_repository_url

# Inside a bare clone: found damaged, to be cloned again by the next fetch.
_DAMAGED = "damaged"
# What HEAD of a bare clone points to while the repository names no branch of its own.
_NO_DEFAULT = "refs/no-default-branch"
_REFERENCES = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
_NEAR_NAMES = 6


@dataclass(frozen=True)
class Commit:
    """One commit: full ``sha``, the branch it was asked for by (if any), and when it was committed (UTC)."""

    sha: str
    branch: str | None
    subject: str
    author: str
    date: datetime


class RepositoryCache:
    """A folder of bare clones, one per repository URL; several processes may use it at the same time."""

    def __init__(self, folder: Path, *, silence_limit: float = 60) -> None:
        """Use this folder (made when needed); a remote that says nothing for ``silence_limit`` seconds is given up."""
        self._folder = folder.absolute()
        self._silence_limit = silence_limit

    def fetch(
        self,
        url: str,
        *,
        credentials: Credentials | None = None,
        progress: Callable[[str], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> "Repository":
        """Bring the clone of a repository up to date: all branches and tags, and which branch is the default.

        It is cloned when it is not there yet, was left half-made, or turns out to be damaged. ``credentials`` are
        those of an account, in place of the machine's own; ``progress`` gets git's own lines (text from outside),
        ``cancelled`` is asked several times a second.

        Raises:
            SourceError: with the kind of what was wrong.
            FetchCancelledError: ``cancelled`` said yes.
        """
        url = checked_repository_url(url)
        name = hashlib.sha256(url.encode()).hexdigest()[:32]
        clone = self._folder / f"{name}.git"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with _locked(self._folder / f"{name}.lock", cancelled):
                self._brought_up_to_date(clone, url, credentials, progress, cancelled)
        except OSError as error:
            raise SourceError("disk", f"The copy of {url} cannot be written to {self._folder}: {error}.") from error
        return Repository(clone, url)

    def push(
        self,
        repository: "Repository",
        commit: str,
        branch: str,
        *,
        credentials: Credentials | None = None,
        progress: Callable[[str], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        """Push a commit of a clone to a branch of where it came from; never over commits it does not build on.

        Raises:
            SourceError: with the kind of what was wrong; ``branch`` when the host refuses the push.
            FetchCancelledError: ``cancelled`` said yes.
        """
        # The branch may not be set up to be followed, and no tag is sent along.
        arguments = ("push", "--progress", "--no-follow-tags", "--", repository.url, f"{commit}:refs/heads/{branch}")
        self._remote(repository.git_folder, repository.url, arguments, credentials, progress, cancelled)

    def _brought_up_to_date(
        self,
        clone: Path,
        url: str,
        credentials: Credentials | None,
        progress: Callable[[str], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        if (clone / "HEAD").exists() and not (clone / _DAMAGED).exists():
            try:
                self._fetch_into(clone, url, credentials, progress, cancelled)
                return
            except SourceError as error:
                # What git cannot explain by the remote, the network or the disk is blamed on the clone.
                if error.kind != "git":
                    raise
        unfinished = clone.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            _explained(url, ["init", "--quiet", "--bare", "--template=", "--", str(unfinished)])
            self._fetch_into(unfinished, url, credentials, progress, cancelled)
            shutil.rmtree(clone, ignore_errors=True)
            unfinished.rename(clone)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _fetch_into(
        self,
        clone: Path,
        url: str,
        credentials: Credentials | None,
        progress: Callable[[str], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        def remote(*arguments: str) -> str:
            return self._remote(clone, url, arguments, credentials, progress, cancelled)

        listing = remote("ls-remote", "--symref", "--", url, "HEAD")
        remote(
            "fetch", "--progress", "--prune", "--no-tags", "--force", "--update-shallow", "--no-write-fetch-head",
            "--", url, *_REFERENCES,
        )  # fmt: skip
        named = re.search(r"^ref: (refs/heads/\S+)\tHEAD$", listing, re.MULTILINE)
        _explained(url, ["symbolic-ref", "HEAD", named[1] if named else _NO_DEFAULT], git_folder=clone)

    def _remote(
        self,
        clone: Path,
        url: str,
        arguments: Sequence[str],
        credentials: Credentials | None,
        progress: Callable[[str], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> str:
        """Run a git command that talks to the host of the repository."""
        try:
            with offered(credentials, url) as offer:
                return run_git(
                    arguments,
                    git_folder=clone,
                    offer=offer,
                    progress=progress,
                    cancelled=cancelled,
                    silence_limit=self._silence_limit,
                )
        except GitFailedError as error:
            raise explained(str(error), url) from error
        except GitSilentError as error:
            message = f"{url} did not answer: {error}. Check the address and the network, and try again."
            raise SourceError("timeout", message) from error


class Repository:
    """One bare clone, as it was fetched last."""

    def __init__(self, git_folder: Path, url: str) -> None:
        """Use the clone in this folder; ``url`` is where it came from."""
        self.git_folder = git_folder
        self.url = url
        self._url = without_credentials(url)

    def branches(self) -> tuple[str, ...]:
        """All branch names, sorted."""
        return tuple(self._git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads").split("\n")[:-1])

    def default_branch(self) -> str | None:
        """The branch the repository names as its own; if it names none: its only one, ``main`` or ``master``."""
        head = self._git("symbolic-ref", "HEAD").strip().removeprefix("refs/heads/")
        branches = self.branches()
        likely = [head, *(branches if len(branches) == 1 else ()), "main", "master"]
        return next((name for name in likely if name in branches), None)

    def resolve(self, branch: str | None = None, commit: str | None = None) -> Commit:
        """The commit that a branch (else the default branch) or a commit (its hash, also short, or a tag) means.

        With both, the commit must be part of the branch.

        Raises:
            SourceError: kind ``branch`` or ``commit``; it lists near names.
        """
        branches = self.branches()
        if not branches and not commit:
            message = f"{self._url} is empty: it has no commits yet. Push one, or check the address, and try again."
            raise SourceError("commit", message)
        if branch is not None and checked_branch(branch) not in branches:
            raise SourceError("branch", f"There is no branch {branch!r} in {self._url}; {_near(branch, branches)}.")
        if commit is not None:
            sha = self._commit_hash(commit)
            if branch and not self._contains(branch, sha):
                raise SourceError("commit", f"The commit {sha[:12]} is not part of branch {branch!r} of {self._url}.")
        else:
            branch = branch or self.default_branch()
            if branch is None:
                message = f"{self._url} names no default branch; choose one: {_near('', branches)}."
                raise SourceError("branch", message)
            sha = self._git("rev-parse", "--verify", "--end-of-options", f"refs/heads/{branch}^{{commit}}").strip()
        return self._commit(sha, branch)

    def is_part_of(self, earlier: str, commit: str) -> bool:
        """Whether a commit builds on an earlier one (full hashes); not when the earlier one is gone."""
        try:
            run_git(["merge-base", "--is-ancestor", earlier, commit], git_folder=self.git_folder)
        except GitFailedError:
            return False
        return True

    def check_out(self, commit: str, folder: Path) -> None:
        """Write the files of a commit (its full hash) into a folder that does not exist yet or is empty.

        The files are copies and there is no ``.git``: nothing done to them reaches this clone. Submodules stay
        empty folders. Links stay links, wherever they lead; nothing is written through them. When it fails the
        folder is left empty.

        Raises:
            SourceError: kind ``commit``, ``disk`` or ``git``.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            occupied = any(folder.iterdir())
        except OSError as error:
            raise SourceError("disk", f"The folder {folder} cannot be made: {error}.") from error
        if occupied:
            raise SourceError("disk", f"{folder} is not empty; the files of a commit need a folder of their own.")
        try:
            with tempfile.TemporaryDirectory(dir=self.git_folder, prefix="index-") as scratch:
                self._git(
                    "read-tree", "--reset", "-u", "--end-of-options", f"{commit}^{{tree}}",
                    working_folder=folder,
                    environment={"GIT_INDEX_FILE": f"{scratch}/index", "GIT_WORK_TREE": str(folder.absolute())},
                )  # fmt: skip
        except (OSError, SourceError) as error:
            _emptied(folder)
            if isinstance(error, SourceError):
                raise
            raise SourceError("disk", f"The files of {commit[:12]} cannot be written: {error}.") from error

    def _commit_hash(self, commit: str) -> str:
        candidates = [f"{commit}^{{commit}}"] if re.fullmatch(r"[0-9a-fA-F]{4,64}", commit) else []
        candidates.append(f"refs/tags/{commit}^{{commit}}")
        for candidate in candidates:
            try:
                arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", candidate]
                return run_git(arguments, git_folder=self.git_folder).split()[-1]
            except GitFailedError:
                continue
        tags = self._git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/tags").split("\n")[:-1]
        near = difflib.get_close_matches(commit, tags, _NEAR_NAMES)
        hint = f" Tags with a name like it: {', '.join(near)}." if near else ""
        message = f"There is no commit or tag {commit[:100]!r} in {self._url}, or its short form is not unique.{hint}"
        raise SourceError("commit", message)

    def _contains(self, branch: str, sha: str) -> bool:
        found = self._git("for-each-ref", f"--contains={sha}", "--format=%(refname)", f"refs/heads/{branch}")
        return f"refs/heads/{branch}" in found.split("\n")

    def _commit(self, sha: str, branch: str | None) -> Commit:
        shown = self._git(
            "show", "--no-patch", "--encoding=UTF-8", "--format=%ct%x00%an%x00%s", "--end-of-options", sha
        )
        seconds, author, subject = shown.rstrip("\n").split("\0", 2)
        return Commit(sha, branch, subject, author, datetime.fromtimestamp(int(seconds), UTC))

    def _git(
        self, *arguments: str, working_folder: Path | None = None, environment: dict[str, str] | None = None
    ) -> str:
        """Git in this clone, where only a full disk, a hostile commit or damage can make it fail."""
        try:
            return run_git(
                arguments, git_folder=self.git_folder, working_folder=working_folder, environment=environment
            )
        except GitFailedError as error:
            cause = explained(str(error), self._url)
            if cause.kind in ("disk", "commit"):
                raise cause from error
            (self.git_folder / _DAMAGED).touch()
            message = f"{cause} The local copy may be damaged: fetch again, which makes a new one."
            raise SourceError("git", message) from error


def _explained(url: str, arguments: Sequence[str], git_folder: Path | None = None) -> None:
    try:
        run_git(arguments, git_folder=git_folder)
    except GitFailedError as error:
        raise explained(str(error), url) from error


def _near(name: str, names: Sequence[str]) -> str:
    """``there are develop, main``: all names when they are few, else those most like the one asked for."""
    near = difflib.get_close_matches(name, names, _NEAR_NAMES, 0.5)
    shown = names if len(names) <= _NEAR_NAMES else near or names[:_NEAR_NAMES]
    more = len(names) - len(shown)
    return f"there are {', '.join(shown)}" + (f" and {more} more" if more else "")


def _emptied(folder: Path) -> None:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            Path(entry.path).unlink(missing_ok=True)


@contextmanager
def _locked(file: Path, cancelled: Callable[[], bool] | None) -> Iterator[None]:
    """Hold the lock of a clone; the kernel gives it back when its holder dies."""
    with file.open("w") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if cancelled and cancelled():
                    raise FetchCancelledError from None
                time.sleep(0.1)
        yield
