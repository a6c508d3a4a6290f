"""A container engine for real: Podman, where it works here, with a base image made from this machine."""

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest

from pandium_tui.builds.containers import LABEL, installation_of
from pandium_tui.engine.engine import Engine
from pandium_tui.settings import Settings
from pandium_tui.storage.database import open_store
from tests.containers.podman import IMAGE, PodmanMissingError, Way, find_way, podman
from tests.scenario import Scenario


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to lock: Podman 4 fails now and then to list images while another process removes one."""
    return tmp_path_factory.getbasetemp().parent / "podman.lock"


@pytest.fixture(scope="session")
def way(alone: Path, tmp_path_factory: pytest.TempPathFactory) -> Way:
    """Arguments with which containers run here; skips, with the reason, where they do not."""
    with alone.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return find_way(tmp_path_factory.mktemp("image"))
        except PodmanMissingError as error:
            pytest.skip(f"CONTAINERS ARE NOT TESTED HERE: {error}")


@pytest.fixture
def contained(way: Way, alone: Path, tmp_path: Path) -> Iterator[Scenario]:
    """A store whose releases are built and run by Podman; nothing of it is left afterwards."""
    home = tmp_path / "home"
    settings = Settings(home=home, kill_grace=1, executor="podman", engine_arguments=way[0], container_arguments=way[1])
    home.mkdir(mode=0o700)
    settings.base_images_file.write_text(f'go = "{IMAGE}"\npython = "{IMAGE}"\n')
    with alone.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        store = open_store(settings)
        with Engine(store, "cli", schedules=False) as engine:
            yield Scenario(store, engine, tmp_path)
        store.close()
        mine = f"label={LABEL}.installation={installation_of(home)}"
        images = podman("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", mine).stdout.split()
        if images:
            podman(*way[0], "rmi", "-f", *images)
