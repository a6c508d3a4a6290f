import stat
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from pandium_tui.sources.errors import FetchCancelledError, SourceError
from pandium_tui.sources.repositories import RepositoryCache
from tests.sources.conftest import Origin


@pytest.fixture
def cache(tmp_path: Path) -> RepositoryCache:
    return RepositoryCache(tmp_path / "cache")


def clones(tmp_path: Path) -> list[Path]:
    return sorted(path for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock")


def test_a_commit_is_found_and_its_files_are_written(cache: RepositoryCache, origin: Origin, tmp_path: Path) -> None:
    sha = origin.commit({"PANDIUM.yaml": "version: 0.4\n", "code/run.sh": "true\n"}, subject="first ✓ change")
    repository = cache.fetch(origin.url)
    commit = repository.resolve()
    assert (commit.sha, commit.branch, commit.author) == (sha, "main", "Ada")
    assert commit.subject == "first ✓ change"
    assert commit.date.tzinfo is UTC
    repository.check_out(commit.sha, tmp_path / "release" / "source")
    written = sorted(str(path.relative_to(tmp_path / "release")) for path in (tmp_path / "release").rglob("*"))
    assert written == ["source", "source/PANDIUM.yaml", "source/code", "source/code/run.sh"]
    assert (tmp_path / "release/source/code/run.sh").read_text() == "true\n"


def test_written_files_share_nothing_with_the_clone(cache: RepositoryCache, origin: Origin, tmp_path: Path) -> None:
    origin.commit({"a.txt": "one\n", "tool": "#!/bin/sh\n"})
    origin.git("update-index", "--chmod=+x", "tool")
    origin.git("commit", "--quiet", "-m", "executable")
    repository = cache.fetch(origin.url)
    repository.check_out(repository.resolve().sha, tmp_path / "first")
    (tmp_path / "first/a.txt").write_text("changed\n")
    repository.check_out(repository.resolve().sha, tmp_path / "second")
    assert (tmp_path / "second/a.txt").read_text() == "one\n"
    assert (tmp_path / "second/a.txt").stat().st_nlink == 1
    assert (tmp_path / "second/tool").stat().st_mode & stat.S_IXUSR
    assert not list(tmp_path.glob("second/.git*"))


def test_fetching_again_brings_what_changed(cache: RepositoryCache, origin: Origin, tmp_path: Path) -> None:
    old = origin.commit({"a": "1"})
    origin.git("branch", "gone")
    origin.git("branch", "topic")
    assert cache.fetch(origin.url).branches() == ("gone", "main", "topic")
    origin.git("branch", "--delete", "--force", "gone", "topic")
    origin.git("branch", "topic/deeper")
    origin.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "rewritten")
    origin.git("tag", "v1")
    repository = cache.fetch(origin.url)
    assert repository.branches() == ("main", "topic/deeper")
    assert repository.resolve("main").sha == origin.git("rev-parse", "main") != old
    assert repository.resolve(commit="v1").sha == origin.git("rev-parse", "v1")
    assert len(clones(tmp_path)) == 1


def test_default_branch_follows_the_repository(cache: RepositoryCache, origin: Origin) -> None:
    origin.commit({"a": "1"})
    origin.git("branch", "develop")
    assert cache.fetch(origin.url).default_branch() == "main"
    origin.git("symbolic-ref", "HEAD", "refs/heads/develop")
    assert cache.fetch(origin.url).default_branch() == "develop"
    origin.git("symbolic-ref", "HEAD", "refs/heads/nowhere")
    assert cache.fetch(origin.url).default_branch() == "main"
    origin.git("branch", "--move", "main", "other")
    repository = cache.fetch(origin.url)
    assert repository.default_branch() is None
    with pytest.raises(SourceError, match="no default branch; choose one: there are develop, other") as caught:
        repository.resolve()
    assert caught.value.kind == "branch"


def test_a_missing_branch_lists_near_names(cache: RepositoryCache, origin: Origin) -> None:
    origin.commit({"a": "1"})
    origin.git("branch", "develop")
    with pytest.raises(SourceError, match=r"no branch 'man' in .*; there are develop, main\.$") as caught:
        cache.fetch(origin.url).resolve("man")
    assert caught.value.kind == "branch"
    for number in range(20):
        origin.git("branch", f"topic-{number}")
    with pytest.raises(SourceError, match=r"there are main and 21 more"):
        cache.fetch(origin.url).resolve("man")


def test_a_commit_may_be_short_and_must_be_part_of_the_branch(cache: RepositoryCache, origin: Origin) -> None:
    first = origin.commit({"a": "1"})
    origin.git("checkout", "--quiet", "-b", "topic")
    second = origin.commit({"a": "2"})
    repository = cache.fetch(origin.url)
    assert repository.resolve("main", first[:8]).sha == first
    assert repository.resolve(commit=second).branch is None
    for branch, commit, words in [
        ("main", second, "is not part of branch 'main'"),
        (None, "0123456789", "no commit or tag '0123456789'"),
        (None, "--all", "no commit or tag '--all'"),
        (None, "HEAD", "no commit or tag 'HEAD'"),
        (None, f"{first}^{{tree}}", "no commit or tag"),
    ]:
        with pytest.raises(SourceError, match=words.replace("^", r"\^")) as caught:
            repository.resolve(branch, commit)
        assert caught.value.kind == "commit"


def test_an_empty_repository_is_called_empty(cache: RepositoryCache, origin: Origin) -> None:
    with pytest.raises(SourceError, match="has no commits yet") as caught:
        cache.fetch(origin.url).resolve()
    assert caught.value.kind == "commit"
    origin.commit({"a": "1"})
    assert cache.fetch(origin.url).resolve().branch == "main"


def test_check_out_needs_an_empty_folder(cache: RepositoryCache, origin: Origin, tmp_path: Path) -> None:
    sha = origin.commit({"a": "1"})
    repository = cache.fetch(origin.url)
    (tmp_path / "empty").mkdir()
    repository.check_out(sha, tmp_path / "empty")
    with pytest.raises(SourceError, match="is not empty") as caught:
        repository.check_out(sha, tmp_path / "empty")
    assert caught.value.kind == "disk"
    assert (tmp_path / "empty/a").read_text() == "1"


def test_links_stay_links_and_lead_nothing_outside(cache: RepositoryCache, origin: Origin, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (origin.folder / "way-out").symlink_to(outside)
    sha = origin.commit({"a": "1"})
    repository = cache.fetch(origin.url)
    repository.check_out(sha, tmp_path / "honest")
    assert (tmp_path / "honest/way-out").readlink() == outside

    # A tree no honest git writes: the same name once as a link out, once as a folder with a file in it.
    link = origin.git("hash-object", "-w", "--stdin", standard_input=str(outside).encode())
    payload = origin.git("hash-object", "-w", "--stdin", standard_input=b"escaped")
    inner = origin.git("mktree", standard_input=f"100644 blob {payload}\tescaped\n".encode())
    entries = [("120000", "way-out", link), ("40000", "way-out", inner)]
    raw = b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(sha) for mode, name, sha in entries)
    tree = origin.git("hash-object", "-t", "tree", "--literally", "-w", "--stdin", standard_input=raw)
    evil = origin.git("commit-tree", tree, "-m", "evil")
    origin.git("update-ref", "refs/heads/evil", evil)
    repository = cache.fetch(origin.url)
    try:
        repository.check_out(repository.resolve("evil").sha, tmp_path / "evil")
    except SourceError:
        assert not any((tmp_path / "evil").iterdir())
    assert not any(outside.iterdir())


@pytest.mark.parametrize("name", [".git", "..", ".GIT"])
def test_names_that_would_leave_the_folder_are_refused(
    cache: RepositoryCache, origin: Origin, tmp_path: Path, name: str
) -> None:
    payload = origin.git("hash-object", "-w", "--stdin", standard_input=b"escaped")
    inner = origin.git("mktree", standard_input=f"100644 blob {payload}\tescaped\n".encode())
    raw = f"40000 {name}\0".encode() + bytes.fromhex(inner)
    tree = origin.git("hash-object", "-t", "tree", "--literally", "-w", "--stdin", standard_input=raw)
    origin.git("update-ref", "refs/heads/main", origin.git("commit-tree", tree, "-m", "evil"))
    repository = cache.fetch(origin.url)
    with pytest.raises(SourceError, match="not safe to write") as caught:
        repository.check_out(repository.resolve().sha, tmp_path / "release")
    assert caught.value.kind == "commit"
    assert not any((tmp_path / "release").iterdir())
    assert not (tmp_path / "escaped").exists()


def test_hooks_and_a_foreign_repository_in_the_environment_are_ignored(
    cache: RepositoryCache, new_origin: Callable[[str], Origin], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin, other = new_origin("origin"), new_origin("other")
    sha = origin.commit({"a": "1"})
    other.commit({"b": "2"})
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "reference-transaction", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        (hooks / name).chmod(0o755)
    (tmp_path / "gitconfig").write_text(f"[core]\n\thooksPath = {hooks}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.folder))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.folder / ".git/index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.folder / ".git/objects"))
    repository = cache.fetch(origin.url)
    repository.check_out(repository.resolve().sha, tmp_path / "release")
    assert repository.resolve().sha == sha
    assert [path.name for path in (tmp_path / "release").iterdir()] == ["a"]
    assert not (tmp_path / "ran").exists()


def test_a_clone_that_was_interrupted_is_made_again(cache: RepositoryCache, origin: Origin, tmp_path: Path) -> None:
    origin.commit({"a": "1"})
    cache.fetch(origin.url)
    (clone,) = clones(tmp_path)
    (clone / "HEAD").unlink()
    (clone.with_suffix(".unfinished")).mkdir()
    (clone.with_suffix(".unfinished") / "left").write_text("over")
    assert cache.fetch(origin.url).resolve().branch == "main"
    assert clones(tmp_path) == [clone]


@pytest.mark.parametrize("left", ["packed-refs.lock", "config"])
def test_what_a_killed_fetch_leaves_behind_is_overcome(
    cache: RepositoryCache, origin: Origin, tmp_path: Path, left: str
) -> None:
    origin.commit({"a": "1"})
    origin.git("branch", "old")
    cache.fetch(origin.url)
    (clone,) = clones(tmp_path)
    subprocess.run(["git", f"--git-dir={clone}", "pack-refs", "--all"], check=True)
    (clone / left).write_text("[broken")
    origin.git("branch", "--delete", "old")
    sha = origin.commit({"a": "2"})
    repository = cache.fetch(origin.url)
    assert repository.resolve().sha == sha
    assert repository.branches() == ("main",)


def test_damage_found_later_is_repaired_by_the_next_fetch(
    cache: RepositoryCache, origin: Origin, tmp_path: Path
) -> None:
    sha = origin.commit({"a": "1", "z": "26"})
    repository = cache.fetch(origin.url)
    (clone,) = clones(tmp_path)
    blob = origin.git("rev-parse", "HEAD:z")
    damaged = clone / "objects" / blob[:2] / blob[2:]
    damaged.chmod(0o600)
    damaged.write_bytes(b"rubbish")
    with pytest.raises(SourceError, match="fetch again") as caught:
        repository.check_out(sha, tmp_path / "release")
    assert caught.value.kind == "git"
    assert not any((tmp_path / "release").iterdir())
    cache.fetch(origin.url).check_out(sha, tmp_path / "release")
    assert (tmp_path / "release/z").read_text() == "26"


def test_a_remote_that_fails_leaves_the_good_clone(cache: RepositoryCache, origin: Origin, tmp_path: Path) -> None:
    sha = origin.commit({"a": "1"})
    repository = cache.fetch(origin.url)
    origin.folder.rename(tmp_path / "moved")
    with pytest.raises(SourceError, match="no git repository at") as caught:
        cache.fetch(origin.url)
    assert caught.value.kind == "url"
    assert repository.resolve().sha == sha


def test_cancel_leaves_nothing_half_done(cache: RepositoryCache, origin: Origin, tmp_path: Path) -> None:
    origin.commit({"a": "1"})
    with pytest.raises(FetchCancelledError):
        cache.fetch(origin.url, cancelled=lambda: True)
    assert clones(tmp_path) == []
    assert cache.fetch(origin.url, cancelled=lambda: False).resolve().branch == "main"


def test_progress_is_reported_in_lines(cache: RepositoryCache, origin: Origin) -> None:
    origin.commit({"a": "1"})
    lines: list[str] = []
    cache.fetch(origin.url, progress=lines.append)
    assert any("objects" in line for line in lines)
    assert not any("\r" in line or "\n" in line for line in lines)


def test_two_processes_do_not_collide(cache: RepositoryCache, origin: Origin, tmp_path: Path) -> None:
    sha = origin.commit({f"file-{number}": "x" * number for number in range(100)})
    program = (
        "import sys\nfrom pathlib import Path\nfrom pandium_tui.sources.repositories import RepositoryCache\n"
        "print(RepositoryCache(Path(sys.argv[1])).fetch(sys.argv[2]).resolve().sha)\n"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path / "cache"), origin.url]
    others = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    shas = [cache.fetch(origin.url).resolve().sha, *(other.communicate()[0].strip() for other in others)]
    assert shas == [sha] * 4
    assert len(clones(tmp_path)) == 1


def test_waiting_for_another_process_can_be_cancelled(cache: RepositoryCache, origin: Origin, tmp_path: Path) -> None:
    origin.commit({"a": "1"})
    cache.fetch(origin.url)
    (lock,) = (tmp_path / "cache").glob("*.lock")
    program = """
import fcntl, sys, time
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(60)
"""
    holder = subprocess.Popen([sys.executable, "-c", program, str(lock)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout and holder.stdout.readline() == "locked\n"
        # Long enough for a fetch that does not wait to be done.
        deadline = time.monotonic() + 1
        with pytest.raises(FetchCancelledError):
            cache.fetch(origin.url, cancelled=lambda: time.monotonic() > deadline)
    finally:
        holder.kill()
        holder.communicate()
    assert cache.fetch(origin.url).resolve().branch == "main"


def test_a_folder_that_cannot_be_written_is_a_disk_error(tmp_path: Path, origin: Origin) -> None:
    origin.commit({"a": "1"})
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SourceError) as caught:
        RepositoryCache(tmp_path / "file" / "cache").fetch(origin.url)
    assert caught.value.kind == "disk"
    repository = RepositoryCache(tmp_path / "cache").fetch(origin.url)
    with pytest.raises(SourceError) as caught:
        repository.check_out(repository.resolve().sha, tmp_path / "file" / "release")
    assert caught.value.kind == "disk"


def test_a_repository_of_another_user_is_named(
    cache: RepositoryCache, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin.commit({"a": "1"})
    # git's own switch for its tests of this rule.
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(SourceError, match=r"belongs to another user.*safe\.directory /") as caught:
        cache.fetch(origin.url)
    assert caught.value.kind == "url"


def test_a_machine_without_git_is_told_so(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from pandium_tui.sources.repositories import RepositoryCache
from pandium_tui.sources.errors import SourceError
try:
    RepositoryCache(Path(sys.argv[1])).fetch("/srv/repository")
except SourceError as error:
    print(error.kind, error)
"""
    finished = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert finished.stdout.startswith("git git is not installed"), finished.stderr


def test_a_cache_folder_may_be_relative(origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = origin.commit({"a": "1"})
    monkeypatch.chdir(tmp_path)
    repository = RepositoryCache(Path("cache")).fetch(origin.url)
    repository.check_out(sha, Path("release"))
    assert (tmp_path / "release/a").read_text() == "1"


def test_no_configuration_leads_to_another_program(
    cache: RepositoryCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gitconfig").write_text(
        f'[url "ext::touch {tmp_path}/ran "]\n\tinsteadOf = https://example.com/\n[protocol]\n\tallow = always\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    with pytest.raises(SourceError, match="transport that is not allowed") as caught:
        cache.fetch("https://example.com/repo")
    assert caught.value.kind == "url"
    assert not (tmp_path / "ran").exists()
