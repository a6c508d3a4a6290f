import os
import socket
from pathlib import Path

import pytest

from pandium_tui.manifest.location import (
    ManifestNotFoundError,
    ManifestUnreadableError,
    check_file,
    check_folder,
    locate_manifest,
    read_file,
)

NEEDED = "version: 0.4\nbase: Node\nrun: node .\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A work tree with manifests in its root, in a folder, and under another name; and a file beside it."""
    root = tmp_path / "tree"
    for folder in (root, root / "jobs" / "sync"):
        folder.mkdir(parents=True)
        (folder / "PANDIUM.yaml").write_text(NEEDED)
    (root / "jobs" / "other.yaml").write_text(NEEDED)
    (tmp_path / "outside.yaml").write_text(NEEDED)
    return root


def not_found(root: Path, path: str = "") -> str:
    with pytest.raises(ManifestNotFoundError) as caught:
        locate_manifest(root, path)
    message = str(caught.value)
    assert message.isprintable()
    # The same, as a problem.
    checked = check_folder(root, path)
    assert [(problem.severity, problem.message) for problem in checked.problems] == [("error", message)]
    return message


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("", "PANDIUM.yaml"),
        (".", "PANDIUM.yaml"),
        ("PANDIUM.yaml", "PANDIUM.yaml"),
        ("./jobs/sync", "jobs/sync/PANDIUM.yaml"),
        ("jobs/sync/", "jobs/sync/PANDIUM.yaml"),
        ("jobs/sync/PANDIUM.yaml", "jobs/sync/PANDIUM.yaml"),
        ("jobs/other.yaml", "jobs/other.yaml"),
        ("jobs/../jobs/other.yaml", "jobs/other.yaml"),
    ],
)
def test_a_file_or_a_folder_is_found(root: Path, path: str, file: str) -> None:
    assert locate_manifest(root, path) == root / file
    checked = check_folder(root, path)
    assert (checked.file, checked.problems) == (root / file, ())


def test_links_inside_the_repository_are_followed(root: Path) -> None:
    (root / "latest").symlink_to("jobs/sync")
    (root / "jobs" / "PANDIUM.yaml").symlink_to("other.yaml")
    assert locate_manifest(root, "latest") == root / "jobs" / "sync" / "PANDIUM.yaml"
    # The folder of the link, not that of its target, is where the integration is built.
    assert locate_manifest(root, "jobs") == root / "jobs" / "PANDIUM.yaml"
    (root.parent / "tree-link").symlink_to(root)
    assert locate_manifest(root.parent / "tree-link") == root / "PANDIUM.yaml"


@pytest.mark.parametrize("path", ["../outside.yaml", "..", "jobs/../../outside.yaml", "../tree/../outside.yaml"])
def test_a_path_that_leads_out_is_refused(root: Path, path: str) -> None:
    assert "leads out of the repository" in not_found(root, path)


def test_a_link_that_leads_out_is_refused(root: Path) -> None:
    (root / "file.yaml").symlink_to(root.parent / "outside.yaml")
    (root / "folder").symlink_to(root.parent)
    (root.parent / "PANDIUM.yaml").write_text(NEEDED)
    (root.parent / "inside.yaml").symlink_to(root / "PANDIUM.yaml")
    for path in ("file.yaml", "folder", "folder/outside.yaml", "folder/inside.yaml"):
        assert "leads out of the repository through a link" in not_found(root, path)


def test_what_is_missing_is_named_with_what_is_near(root: Path) -> None:
    (root / "PANDIUM.yaml").rename(root / "pandium.yml")
    assert not_found(root) == 'there is no "PANDIUM.yaml" in the root of the repository; there is "pandium.yml"'
    assert not_found(root, "jobs") == 'there is no "PANDIUM.yaml" in "jobs"'
    assert not_found(root, "jobs/othr.yml") == 'there is no "othr.yml" in "jobs"; there is "other.yaml"'
    assert not_found(root, "lost/found/x.yaml") == 'there is no folder "lost/found" in the repository'
    assert "there is no folder" in not_found(root / "nowhere")
    assert check_folder(root, "jobs").file == root / "jobs"


def test_links_that_lead_nowhere(root: Path) -> None:
    (root / "gone.yaml").symlink_to("nothing")
    (root / "round.yaml").symlink_to("round.yaml")
    assert "is a link that leads nowhere" in not_found(root, "gone.yaml")
    assert '"round.yaml" cannot be reached' in not_found(root, "round.yaml")


@pytest.mark.parametrize("path", ["/etc/passwd", "a\0b", "x" * 300, "\ud800", "\x1b[31m", "PANDIUM.yaml/PANDIUM.yaml"])
def test_strange_paths_are_refused(root: Path, path: str) -> None:
    assert not_found(root, path)


def test_only_regular_files_are_manifests(root: Path) -> None:
    os.mkfifo(root / "pipe.yaml")
    (root / "null.yaml").symlink_to("/dev/zero")
    assert "is not a regular file" in not_found(root, "pipe.yaml")
    assert "leads out of the repository" in not_found(root, "null.yaml")


def test_a_file_is_checked_where_it_is(root: Path) -> None:
    assert check_file(root / "PANDIUM.yaml") == ()
    (root / "PANDIUM.yaml").write_text("run: 1\n")
    assert [(problem.line, problem.path) for problem in check_file(root / "PANDIUM.yaml")] == [
        (1, ""),
        (1, "/run"),
        (1, ""),
    ]
    assert check_folder(root).problems == check_file(root / "PANDIUM.yaml")


def test_pipes_devices_sockets_and_folders_are_problems_and_never_waited_for(root: Path) -> None:
    os.mkfifo(root / "pipe")
    (root / "link-to-pipe").symlink_to("pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(root / "socket"))
        for file in (root / "pipe", root / "link-to-pipe", root / "socket", Path("/dev/zero"), Path("/dev/tty")):
            (problem,) = check_file(file)
            assert (problem.severity, problem.line, problem.column, problem.path) == ("error", 1, 1, "")
            assert "not a regular file" in problem.message
    assert "is a folder" in check_file(root)[0].message


@pytest.mark.parametrize("name", ["nothing", "a\0b", "x" * 300, "\ud800", "PANDIUM.yaml/x"])
def test_a_file_that_cannot_be_opened_is_a_problem(root: Path, name: str) -> None:
    (problem,) = check_file(root / name)
    assert problem.severity == "error"
    assert "cannot be read" in problem.message
    with pytest.raises(ManifestUnreadableError):
        read_file(root / name)


def test_a_file_that_the_system_refuses_to_read_is_a_problem() -> None:
    # A regular file to stat, an I/O error to read.
    (problem,) = check_file(Path("/proc/self/mem"))
    assert "cannot be read" in problem.message


def test_no_more_of_a_file_is_read_than_is_needed_to_refuse_it(root: Path) -> None:
    with (root / "PANDIUM.yaml").open("wb") as file:
        file.truncate(1 << 40)
    assert len(read_file(root / "PANDIUM.yaml")) == 256 * 1024 + 1
    (problem,) = check_file(root / "PANDIUM.yaml")
    assert "larger than 256 KiB" in problem.message
