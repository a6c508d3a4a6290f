"""What the doctor looks at on the machine: settings, disk, programs, toolchains, the container engine, isolation."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from pandium_tui.builds.container_engine import ContainerEngineError, engine_of
from pandium_tui.builds.toolchains import ToolchainMissingError, find_toolchain
from pandium_tui.connectors.catalogue import catalogue
from pandium_tui.engine.base_images import BaseImageError, base_image
from pandium_tui.engine.disk import MEBIBYTE
from pandium_tui.engine.isolation import IsolationMissingError, choose_isolation, find_bubblewrap
from pandium_tui.hub.doctor.findings import TIME_SERVICE, Finding
from pandium_tui.hub.doctor.kernel_clock import is_kept_in_step
from pandium_tui.manifest.base import BaseError, parse_base
from pandium_tui.storage import doctor_queries as queries
from pandium_tui.storage.database import Store

OLDEST_GIT = (2, 25)
NEARLY_FULL = 3
"""Times the floor; with less free space it is told before anything is held."""

SHOWN = 3
"""How many integrations with the same base are named."""

_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "glusterfs"}
)
_ANSWER_LIMIT = 10  # seconds of a program that is asked for its version


def settings(store: Store) -> Iterator[Finding]:
    """Whether the files a person writes can be used."""
    problems = [str(one) for one in catalogue(store.settings.connectors_folder).problems]
    if store.settings.executor != "local":
        try:
            base_image("python", None, store.settings.base_images_file)
        except BaseImageError as error:
            problems.append(str(error))
    if not problems:
        yield Finding("settings", "ok", f"The settings of {store.settings.home} can be used.")
    for problem in problems:
        yield Finding("settings", "warning", problem, "Correct the file; the rest of it is used meanwhile.")


def disk(store: Store) -> Iterator[Finding]:
    """Whether there is space, and whether the disk is one a store can be on."""
    home, floor = store.settings.home, store.settings.disk_floor
    folder = next(one for one in (home, *home.parents) if one.exists())
    free = shutil.disk_usage(folder).free
    words = f"{free // MEBIBYTE} MiB are free, the floor is {floor // MEBIBYTE} MiB"
    advice = "pandium-tui store usage says what takes it up; store prune removes what is old, store vacuum shrinks."
    if free < floor:
        yield Finding("disk", "problem", f"{words}: no run and no build is started.", advice)
    elif free < NEARLY_FULL * floor:
        yield Finding("disk", "warning", f"{words}: soon no run and no build will be started.", advice)
    else:
        yield Finding("disk", "ok", f"{words}.")
    file_system = _file_system(folder)
    if file_system in _NETWORK_FILE_SYSTEMS:
        found = f"{folder} is on a network file system ({file_system}), where SQLite may damage the store."
        yield Finding("disk", "problem", found, "Move the home folder to a disk of this machine.")


def _file_system(folder: Path) -> str:
    """The kind of file system a folder is on, from proc_pid_mountinfo(5); empty when it cannot be told."""
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best = ("", "")
    for line in lines:
        before, _, after = line.partition(" - ")
        place = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), before.split()[4])
        if folder.resolve().is_relative_to(place) and len(place) >= len(best[0]):
            best = (place, after.split()[0])
    return best[1]


def programs(_: Store) -> Iterator[Finding]:
    """Whether git and bash are there, with which everything is fetched, built and run."""
    if shutil.which("bash") is None:
        yield Finding("programs", "problem", "bash is not installed; builds and runs are its.", "Install bash.")
    try:
        said = subprocess.run(
            ["git", "--version"], capture_output=True, text=True, check=True, timeout=_ANSWER_LIMIT
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        yield Finding("programs", "problem", f"git does not work ({error}): nothing can be built.", "Install git.")
        return
    version = tuple(map(int, re.findall(r"\d+", said)[:2]))
    if version < OLDEST_GIT:
        yield Finding("programs", "problem", f"{said.strip()} is too old.", "Install git 2.25 or newer.")
    else:
        yield Finding("programs", "ok", f"{said.strip()} and bash are there.")


def toolchains(store: Store) -> Iterator[Finding]:
    """Whether the newest release of each integration could be built again here."""
    if store.settings.executor != "local":
        yield Finding("toolchains", "ok", f"None of this machine is needed: {store.settings.executor} builds and runs.")
        return
    with store.reading() as reader:
        wanted = queries.bases_in_use(reader)
    if not wanted:
        yield Finding("toolchains", "ok", "No release was built yet, so none is needed.")
    for text, names in wanted:
        integrations = _first(names)
        try:
            base = parse_base(text)
            found = find_toolchain(base.language, base.version)
        except (BaseError, ToolchainMissingError) as error:
            yield Finding("toolchains", "problem", f"{text} ({integrations}): {error}")
            continue
        if found.warning:
            yield Finding("toolchains", "warning", f"{text} ({integrations}): {found.warning}.")
        else:
            yield Finding("toolchains", "ok", f"{text}: {found.language} {found.version} in {found.executable}.")


def _first(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def container_engine(store: Store) -> Iterator[Finding]:
    """Whether the engine that is set answers; a client alone is none."""
    name = store.settings.executor
    if name == "local":
        yield Finding("container engine", "ok", "None is needed: builds and runs use this machine's toolchains.")
        return
    try:
        version = engine_of(store.settings).version()
    except ContainerEngineError as error:
        yield Finding("container engine", "problem", str(error))
        return
    yield Finding("container engine", "ok", f"{name} {version} answers.")


def time_service(_: Store) -> Iterator[Finding]:
    """Whether the kernel says that something keeps its clock in step."""
    match is_kept_in_step():
        case True:
            yield Finding("clock", "ok", "The kernel says that a time service keeps it in step.")
        case False:
            found = (
                "The kernel says that no time service keeps the clock in step, by which schedules fire. "
                "(In a virtual machine whose host sets it, it may be right all the same.)"
            )
            yield Finding("clock", "warning", found, TIME_SERVICE)
        case None:
            yield Finding("clock", "ok", "The kernel does not tell here whether a time service keeps it in step.")


def isolation(store: Store) -> Iterator[Finding]:
    """Whether integration code is kept from the store, the key and other tenants."""
    if store.settings.executor != "local":
        yield Finding("isolation", "ok", f"Builds and runs are containers of {store.settings.executor}.")
        return
    try:
        chosen = choose_isolation(store.settings)
    except IsolationMissingError as error:
        yield Finding("isolation", "problem", f"{error}.", "See: pandium-tui help isolation")
        return
    if chosen.complete:
        yield Finding("isolation", "ok", f"Builds and runs are isolated by {chosen.words}.")
        return
    _, why = find_bubblewrap()
    advice = "Build and run only what you trust, or install bubblewrap; see: pandium-tui help isolation"
    because = f"; {why}" if why and store.settings.isolation != "off" else ""
    yield Finding("isolation", "warning", f"Isolation of builds and runs: {chosen.words}{because}.", advice)
