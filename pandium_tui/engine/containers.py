"""Runs and builds in containers: their jobs, and ending containers whose supervisor is gone.

A container belongs to its engine, not to the supervisor that had it started. So its name is noted in the run's folder
before it starts, and whoever finds the supervisor gone removes the container by that name.
"""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pandium_tui.builds.container_engine import ContainerEngine, ContainerEngineError, engine_named, engine_of
from pandium_tui.builds.containers import (
    LABEL,
    ContainerCommand,
    Origin,
    container_name,
    image_name,
    installation_of,
    plan_image,
    plan_run,
)
from pandium_tui.engine.base_images import base_image
from pandium_tui.engine.dispatch import ClaimedRun
from pandium_tui.engine.logs import LogReader
from pandium_tui.engine.processes import Job, Result
from pandium_tui.manifest.manifest import Manifest
from pandium_tui.settings import Settings
from pandium_tui.storage import queries
from pandium_tui.storage.database import Store
from pandium_tui.storage.tables import ReleaseRow

NOTE = "container.json"
"""The file in a run's folder that names its container."""

ENGINE_FAILED = 125
"""The exit code of the program when it could not start the container, docker-run(1)."""

_PAYLOADS = "payloads"


class OtherExecutorError(Exception):
    """A release was built for another executor than the one that is set; the message says what to do."""


def check_executor(settings: Settings, release: ReleaseRow) -> None:
    """Refuse a release that what runs now cannot run.

    Raises:
        OtherExecutorError: it was built with another executor.
    """
    built_with = release.executor or "local"
    if built_with != settings.executor:
        raise OtherExecutorError(
            f"release {release.name} was built with the executor {built_with}, and now {settings.executor} is set: "
            "build its commit again, or set the executor back in config.toml"
        )


def plan_release_image(
    store: Store, release_id: int, directory: str, manifest: Manifest, integration: str, attempt: str
) -> ContainerCommand:
    """The call that builds the image of a release whose files are checked out; noted on the release.

    Raises:
        ContainerEngineError: the engine does not answer.
        BaseImageError: no image for its base.
        OSError: the release folder cannot be written.
    """
    settings = store.settings
    engine = engine_of(settings)
    version = engine.version()
    base = base_image(manifest.base.language, manifest.base.version, settings.base_images_file)
    image = image_name(settings.home, release_id, _short(attempt))
    command = plan_image(
        engine,
        Origin(settings.home, integration, release_id),
        release_folder=settings.release_folder(release_id),
        directory=directory,
        base_image=base,
        language=manifest.base.language,
        build=manifest.build,
        run=manifest.run,
        image=image,
    )
    with store.writing() as session:
        release = session.get_one(ReleaseRow, release_id)
        release.executor, release.image = engine.name, image
        release.toolchain = f"{base} ({engine.name} {version})"
        release.isolation = f"container ({engine.name})"
    return command


def in_container(settings: Settings, claimed: ClaimedRun, job: Job) -> Job:
    """The job of a run as one that runs in a container; notes the container in the run's folder.

    Raises:
        ContainerEngineError: the program of the engine is not installed.
        OSError: the run's folder cannot be written.
    """
    run, release = claimed.run, claimed.release
    assert run.id is not None
    assert release.id is not None
    engine = engine_of(settings)
    name = container_name(settings.home, run.id, _short(job.token))
    (job.folder / NOTE).write_text(json.dumps({"engine": engine.name, "name": name}), encoding="utf-8")
    command = plan_run(
        engine,
        Origin(settings.home, claimed.integration.name, release.id, run.id),
        settings,
        image=release.image or "",
        name=name,
        run=release.run_command or "",
        environment={
            key: value for key, value in job.environment.items() if key.startswith("PAN_") or key == "TZ"
        },
        readable=_readable(job.folder),
        temporary_folder=job.folder / "tmp",
    )  # fmt: skip
    return replace(
        job,
        commands=(command.arguments,),
        environment=command.environment,
        # Podman's helper leaves files where it is called.
        directory=job.folder / "tmp",
        cleanup=engine.command(*_removal(engine, name)),
    )


def _readable(folder: Path) -> list[Path]:
    """What the run's user may read of its folder. The folder itself stays closed to others on this machine."""
    readable = [one for one in (folder / "metadata.json", folder / _PAYLOADS) if one.exists()]
    for path in readable:
        path.chmod(0o755 if path.is_dir() else 0o644)
        for entry in path.iterdir() if path.is_dir() else ():
            entry.chmod(0o644)
    return readable


def _removal(engine: ContainerEngine, name: str) -> tuple[str, ...]:
    # Docker kills at once; Podman would wait ten seconds.
    return ("rm", "-f", *(("-t", "0") if engine.name == "podman" else ()), name)


def _short(token: str) -> str:
    return token.removeprefix("supervisor-")


def end_container(settings: Settings, folder: Path) -> str | None:
    """End the container of a run whose supervisor is gone; why it may still be there, None when it is not."""
    try:
        note = json.loads((folder / NOTE).read_bytes())
        engine = engine_named({"podman": "podman", "docker": "docker"}[note["engine"]], settings.engine_arguments)
        name = str(note["name"])
        if not name.startswith(f"pandium-tui-{installation_of(settings.home)}-"):
            return None
        if name in _own_containers(engine, settings):
            engine.ask(*_removal(engine, name))
    except FileNotFoundError:
        return None
    except (ContainerEngineError, OSError, ValueError, KeyError, TypeError) as error:
        return f"its container may still run: {error}"
    return None


def _own_containers(engine: ContainerEngine, settings: Settings) -> list[str]:
    label = f"label={LABEL}.installation={installation_of(settings.home)}"
    return engine.ask("ps", "-a", "--filter", label, "--format", "{{.Names}}").split()


def orphans(store: Store) -> list[str]:
    """This installation's containers that no running run has, by name.

    Raises:
        ContainerEngineError: the engine does not answer.
        StoreError: the store cannot be used now.
    """
    settings = store.settings
    if settings.executor == "local":
        return []
    # Looked up before the runs: a run is Running before its container is made.
    found = _own_containers(engine_of(settings), settings)
    with store.reading() as reader:
        active = {_noted(settings.run_folder(run.id)) for run in queries.active_runs(reader)}
    return [name for name in found if name not in active]


def remove_orphans(store: Store, interrupted: Callable[[], bool]) -> list[str]:
    """Remove this installation's containers that no running run has; their names.

    Takes as long as the engine does: call it from a thread of its own.

    Raises:
        ContainerEngineError: the engine does not answer.
        StoreError: the store cannot be used now.
    """
    removed = orphans(store)
    for name in removed:
        if interrupted():
            return []
        engine = engine_of(store.settings)
        engine.ask(*_removal(engine, name))
    return removed


def _noted(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / NOTE).read_bytes())["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remove_image(settings: Settings, executor: str | None, image: str | None) -> None:
    """Remove the image of a release that nobody can use any more; one that is gone is no error.

    Raises:
        ContainerEngineError: the engine does not answer.
    """
    if executor is None or image is None:
        return
    engine = engine_named(executor, settings.engine_arguments)
    if engine.ask("images", "-q", image).strip():
        engine.ask("rmi", "-f", image)


def explained(result: Result, folder: Path) -> Result:
    """The result of a run; when the engine could not start its container, that it was not started, and its words."""
    if result.outcome != "exited" or result.exit_code != ENGINE_FAILED or not (folder / NOTE).exists():
        return result
    log = LogReader(folder)
    page = log.read(max(0, (log.end() or 0) - os.sysconf("SC_PAGESIZE")))
    said = [record.text for record in page.records if record.stream == "err"]
    words = said[-1] if said else "it gave no reason"
    return replace(result, outcome="not started", reason=f"the container could not be started: {words}"[:1000])
