import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


class Origin:
    """A real repository that a test writes to and the code under test fetches from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    @property
    def url(self) -> str:
        return str(self.folder)

    def git(self, *arguments: str, standard_input: bytes | None = None) -> str:
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgSign=false"]
        finished = subprocess.run(
            ["git", *identity, *arguments], cwd=self.folder, input=standard_input, capture_output=True, check=True
        )
        return finished.stdout.decode().strip()

    def commit(self, files: dict[str, str], subject: str = "a change") -> str:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject)
        return self.git("rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def own_git_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The configuration of whoever runs the tests must not change their outcome."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield


@pytest.fixture
def new_origin(tmp_path: Path) -> Callable[[str], Origin]:
    return lambda name: Origin(tmp_path / "origins" / name)


@pytest.fixture
def origin(new_origin: Callable[[str], Origin]) -> Origin:
    return new_origin("origin")
