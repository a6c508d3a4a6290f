"""Setup Integration Repo: the files an integration begins with, as one commit on a branch."""

import re
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path, PurePosixPath
from typing import Literal

from pandium_tui.sources.command import run_git
from pandium_tui.sources.errors import GitFailedError, SourceError, explained
from pandium_tui.sources.locations import checked_branch
from pandium_tui.sources.repositories import Repository

Language = Literal["python", "node"]
LANGUAGES: tuple[Language, ...] = ("python", "node")
FIRST_BRANCH = "main"
MANIFEST_NAME = "PANDIUM.yaml"

_TEMPLATE = ".template"
_DOT = "dot-"
_NAME = "INTEGRATION_NAME"
_OWN_IDENTITY = "pandium-tui <pandium-tui@localhost>"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file of the scaffold: ``new``, there already with the ``same`` content, or there and ``differs``."""

    path: str
    content: bytes
    state: Literal["new", "same", "differs"]


@dataclass(frozen=True, slots=True)
class ScaffoldPlan:
    """What would be written where.

    Attributes:
        base: the commit it is put on; None in an empty repository.
        starts_branch: whether the branch is not there yet.
    """

    language: Language
    branch: str
    base: str | None
    starts_branch: bool
    files: tuple[PlannedFile, ...]

    def written(self, overwrite: Collection[str]) -> tuple[PlannedFile, ...]:
        """The files that are written when these are allowed to be overwritten."""
        return tuple(
            one for one in self.files if one.state == "new" or (one.state == "differs" and one.path in overwrite)
        )


def scaffold_files(language: Language, name: str, path: str = "") -> dict[str, bytes]:
    """The files of a scaffold by their path in the repository.

    Args:
        language: what it is written in.
        name: the integration's name.
        path: file or folder of the manifest, as an integration says it.
    """
    manifest = PurePosixPath(path)
    is_file = manifest.suffix in (".yaml", ".yml")
    folder = manifest.parent if is_file else manifest
    made = {}
    for template in package_files("pandium_tui").joinpath("scaffolds", language).iterdir():
        target = template.name.removesuffix(_TEMPLATE).replace(_DOT, ".")
        if target == MANIFEST_NAME and is_file:
            target = manifest.name
        made[str(folder / target)] = template.read_bytes().replace(_NAME.encode(), name.encode())
    return dict(sorted(made.items()))


def plan_scaffold(
    repository: Repository, language: Language, name: str, branch: str | None = None, path: str = ""
) -> ScaffoldPlan:
    """What the scaffold would write to a branch of a repository that was just fetched.

    Without a branch it is the repository's own one, in an empty repository ``main``. A branch that is not there yet
    begins where the repository's own one is.

    Raises:
        SourceError: kind ``branch`` or ``path``.
    """
    branches = repository.branches()
    branch = checked_branch(branch or repository.default_branch() or FIRST_BRANCH)
    base = None
    if branches:
        base = repository.resolve(branch if branch in branches else None).sha
    wanted = scaffold_files(language, name, path)
    there = {} if base is None else _there(repository, base, list(wanted))
    blobs = dict(zip(wanted, _written_blobs(repository, wanted), strict=True))
    planned = [PlannedFile(file, content, _state(there.get(file), blobs[file])) for file, content in wanted.items()]
    return ScaffoldPlan(language, branch, base, branch not in branches, tuple(planned))


def commit_scaffold(repository: Repository, plan: ScaffoldPlan, overwrite: Collection[str] = ()) -> str:
    """Make the commit in the clone, and give back its hash; nothing reaches the host before it is pushed.

    Raises:
        SourceError: kind ``path`` when there is nothing to write, or a file is in the way of a folder.
    """
    chosen = {one.path: one.content for one in plan.written(overwrite)}
    if not chosen:
        raise SourceError(
            "path",
            f"Nothing to write on {plan.branch}: what is there already stays, unless it is chosen to be overwritten.",
        )
    entries: list[str] = []
    for path, blob in zip(chosen, _written_blobs(repository, chosen), strict=True):
        entries += ["--cacheinfo", f"100644,{blob},{path}"]
    identity = _identity(repository)
    message = f"Set up the integration ({plan.language})"
    try:
        with tempfile.TemporaryDirectory(dir=repository.git_folder, prefix="index-") as scratch:
            index = {"GIT_INDEX_FILE": f"{scratch}/index"}
            _git(repository, "read-tree", plan.base or "--empty", environment=index)
            _git(repository, "update-index", "--add", *entries, environment=index)
            tree = _git(repository, "write-tree", environment=index)
        parents = ["-p", plan.base] if plan.base else []
        return _git(repository, "commit-tree", tree, *parents, "-m", message, environment=identity)
    except GitFailedError as error:
        raise explained(str(error), repository.url) from error


def _there(repository: Repository, commit: str, paths: Sequence[str]) -> dict[str, str]:
    """The blobs of those paths that are in a commit."""
    listed = _git(repository, "ls-tree", "-z", "--full-tree", commit, "--", *paths)
    found = {}
    for entry in filter(None, listed.split("\0")):
        facts, _, path = entry.partition("\t")
        mode, kind, sha = facts.split()
        if kind != "blob":
            raise SourceError("path", f"{path} is a folder in the repository; the scaffold has a file of that name.")
        # What is a link keeps its own state: its content is where it leads to.
        found[path] = sha if mode != "120000" else "link"
    return found


def _state(there: str | None, blob: str) -> Literal["new", "same", "differs"]:
    if there is None:
        return "new"
    return "same" if there == blob else "differs"


def _written_blobs(repository: Repository, files: Mapping[str, bytes]) -> list[str]:
    with tempfile.TemporaryDirectory(dir=repository.git_folder, prefix="files-") as scratch:
        names = []
        for number, content in enumerate(files.values()):
            file = Path(scratch) / str(number)
            file.write_bytes(content)
            names.append(str(file))
        return _git(repository, "hash-object", "-w", "--no-filters", "--", *names).split()


def _identity(repository: Repository) -> dict[str, str]:
    """Who git on this machine says commits; ours where nobody said so."""
    try:
        text = _git(repository, "-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
    except GitFailedError:
        text = _OWN_IDENTITY
    name, mail = re.match(r"(.*?) <(.*?)>", text).groups()  # type: ignore[union-attr]
    return {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", mail))
    }


def _git(repository: Repository, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    return run_git(arguments, git_folder=repository.git_folder, environment=environment).strip("\n")
