"""Keeping integration code from the rest of this machine: what with, and what it may see.

Bubblewrap where it works, else Landlock, else nothing. Both are given the same list of what can be seen, in which
nothing of this program occurs: what is not on it is not there (bubblewrap) or refused (Landlock).
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from pandium_tui.builds.toolchains import SYSTEM_PATH
from pandium_tui.builds.visible_files import visible_files
from pandium_tui.engine import landlock
from pandium_tui.engine.processes import Job
from pandium_tui.settings import Settings

_NOBODY = 65534  # a user that every system's /etc/passwd has
_PROBE_SECONDS = 10
_COUNTS_PER_NAMESPACE = (5, 14)  # the version of Linux since which each user namespace has a count of its own
_SHOW, _WRITE, _LINK, _EMPTY = "--ro-bind-try", "--bind-try", "--symlink", "--tmpfs"
_OWN_MOUNTS = (("--proc", "/proc"), ("--dev", "/dev"), (_EMPTY, "/tmp"), (_EMPTY, "/var/tmp"))  # noqa: S108
# Of what is shown, what root could read of others; integrations need none of it.
_SECRETS = ("/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/ssh", "/etc/ssl/private")
NONE_HERE = "none: neither bubblewrap nor Landlock works here"
"""What a run shows that could not be isolated."""


class IsolationMissingError(Exception):
    """Isolation is required and not possible here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """What a build or run is kept in.

    Attributes:
        words: what is shown to people.
        bubblewrap: the path of its program, when it is used.
        landlock: whether that is used.
        complete: whether it keeps from files and from other processes.
    """

    words: str
    bubblewrap: str | None = None
    landlock: bool = False
    complete: bool = False


def choose_isolation(settings: Settings) -> Isolation:
    """What builds and runs on this machine are kept in now.

    Asks bubblewrap whether it works, which takes some hundredths of a second the first time.

    Raises:
        IsolationMissingError: it is required and not possible here.
    """
    if settings.isolation == "off":
        return Isolation('none (isolation = "off")')
    program, why = find_bubblewrap()
    if program is not None:
        return Isolation("bubblewrap", bubblewrap=program, complete=True)
    version = landlock.version()
    signals = version >= landlock.CAN_SCOPE_SIGNALS
    if version and (signals or settings.isolation == "auto"):
        return Isolation(_landlock_words(version), landlock=True, complete=signals)
    if settings.isolation == "auto":
        return Isolation(NONE_HERE)
    older = f"Landlock {version} of this kernel cannot keep signals in" if version else "this kernel has no Landlock"
    raise IsolationMissingError(
        f'isolation = "required" is set and not possible here: {why}, and {older}. Install bubblewrap and allow user '
        'namespaces, or set isolation to "auto"'
    )


def _landlock_words(version: int) -> str:
    if version >= landlock.CAN_SCOPE_SIGNALS:
        return "Landlock: files and signals"
    if version >= landlock.CAN_TRUNCATE:
        return "Landlock: files only, it can signal other processes"
    return "Landlock: reading files only, it can signal other processes and empty files"


def isolation_words(settings: Settings) -> str | None:
    """What a run that is about to start will be kept in; None when it will be refused."""
    try:
        return choose_isolation(settings).words
    except IsolationMissingError:
        return None


_working: set[tuple[str, int]] = set()


def find_bubblewrap() -> tuple[str | None, str]:
    """The path of a bubblewrap that works, or why there is none."""
    program = shutil.which("bwrap", path=f"{SYSTEM_PATH}:{os.environ.get('PATH', '')}")
    if program is None:
        return None, "bubblewrap (bwrap) is not installed"
    this = (program, Path(program).stat().st_mtime_ns)
    if this not in _working:
        # What fails may fail only now: it is asked again.
        if problem := _problem(program, _minute()):
            return None, problem
        _working.add(this)
    return program, ""


@lru_cache(maxsize=1)
def _problem(program: str, minute: int) -> str:
    """Why this bubblewrap does not work here; empty when it does. Containers and AppArmor may forbid it."""
    try:
        tried = subprocess.run(
            [
                *(program, *_NAMESPACES, "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--"),
                *(os.path.realpath(sys.executable), "-I", "-S", "-c", ""),
            ],
            env={},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap cannot be started ({error})"
    return "" if tried.returncode == 0 else f"bubblewrap does not work ({tried.stderr.strip()[-200:]})"


def _minute() -> int:
    return int(time.monotonic() // 60)


_NAMESPACES = (
    "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-cgroup-try", "--cap-drop", "ALL",
    "--die-with-parent", "--as-pid-1",
    # Root's tools behave as root's, and fail at what root could do.
    *(("--uid", str(_NOBODY), "--gid", str(_NOBODY)) if os.geteuid() == 0 else ()),
)  # fmt: skip


def isolated(
    isolation: Isolation,
    settings: Settings,
    job: Job,
    *,
    language: str,
    path_entries: Iterable[str | Path],
    readable: Iterable[Path],
    writable: Iterable[Path],
) -> Job:
    """The job with what keeps its commands in.

    Args:
        isolation: what :func:`choose_isolation` gave.
        settings: say what must not be seen.
        job: of a build or run on this machine.
        language: what they are written in.
        path_entries: ``Toolchain.path_entries`` of the build.
        readable: what the commands may read of this program's own; of the rest of the machine they get what is shown to
            all, but for what is this program's.
        writable: what they may write.
    """
    if isolation.bubblewrap is None and not isolation.landlock:
        return job
    machine = (settings, language, tuple(map(str, path_entries)), _minute())
    seen = [str(path) for path in readable if path.exists()]
    written = [str(path) for path in writable]
    if isolation.bubblewrap is None:
        readable_files, writable_files = _rules(*machine)
        rules = {"readable": [*readable_files, *seen], "writable": [*writable_files, *written]}
        return replace(job, landlock=rules)
    mounts = [word for path in seen for word in (_SHOW, path, path)]
    mounts += [word for path in written for word in (_WRITE, path, path)]
    return replace(
        job,
        wrapper=[
            *(isolation.bubblewrap, *_NAMESPACES, *_mounts(*machine), *mounts, "--remount-ro", "/"),
            *("--chdir", str(job.directory), "--"),
            *(os.path.realpath(sys.executable), "-I", "-S", "-c", _init(), str(_process_limit(settings))),
        ],
    )


@lru_cache(maxsize=64)
def _rules(settings: Settings, language: str, path_entries: Sequence[str], minute: int) -> tuple[list[str], list[str]]:
    """What Landlock lets be read and written of this machine, looked up once a minute."""
    hidden = [*_hidden(settings), *(_SECRETS if os.geteuid() == 0 else ())]
    # A rule for a link would be one for all that lies where it leads.
    readable, writable = (
        [path for path in _but_for(hidden, paths) if not Path(path).is_symlink()]
        for paths in (_readable(settings, language, path_entries), map(os.path.realpath, settings.isolation_writable))
    )
    return readable, writable


@lru_cache(maxsize=64)
def _mounts(settings: Settings, language: str, path_entries: Sequence[str], minute: int) -> list[str]:
    """The arguments of bubblewrap that show this machine, looked up once a minute."""
    hidden = _hidden(settings)
    paths = _but_for(hidden, _readable(settings, language, path_entries))
    writable = set(_but_for(hidden, map(os.path.realpath, settings.isolation_writable)))
    mounts: dict[str, tuple[str, ...]] = {path: (option, path) for option, path in _OWN_MOUNTS}
    for path in sorted(paths, key=lambda one: one.count("/")):  # what lies in another one comes after it
        real = os.path.realpath(path)
        around = next((mounts[above][0] for above in map(str, Path(path).parents) if above in mounts), _EMPTY)
        link = Path(path).is_symlink()
        if path in mounts or (around != _EMPTY and (link or real not in writable)):
            continue
        shown = _WRITE if real in writable else _SHOW
        mounts[path] = (_LINK, real, path) if link else (shown, path, path)
    if os.geteuid() == 0:  # covered: bubblewrap takes long where a large folder is shown entry by entry
        for path in filter(os.path.exists, _SECRETS):
            mounts[path] = (_EMPTY, path) if Path(path).is_dir() else (_SHOW, "/dev/null", path)
    return [word for one in mounts.values() for word in one]


def _readable(settings: Settings, language: str, path_entries: Sequence[str]) -> list[str]:
    # The first process of a namespace is our own interpreter.
    more = [sys.base_prefix, *settings.isolation_readable, *settings.isolation_writable]
    return visible_files(language, path_entries, more)


def _process_limit(settings: Settings) -> int:
    """How many processes a namespace may have; 0: no limit, where the kernel would count all those of our user."""
    version = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2]))
    return settings.isolation_pids if version >= _COUNTS_PER_NAMESPACE else 0


@cache
def _init() -> str:
    return Path(__file__).with_name("namespace_init.py").read_text(encoding="utf-8")


def _hidden(settings: Settings) -> list[str]:
    """What no integration may see, wherever a person has put it."""
    key = settings.vault_key_file
    hidden = [settings.home, settings.connectors_folder.parent, key]
    hidden += key.parent.glob(f"{glob.escape(key.name)}.*")
    if folder := os.environ.get("CREDENTIALS_DIRECTORY"):
        hidden.append(Path(folder))
    return [os.path.realpath(path) for path in hidden]


def _but_for(hidden: Sequence[str], paths: Iterable[str]) -> list[str]:
    """The paths that exist, or what is in them but for what is hidden.

    What is asked for by its own name is given, though it lies in a folder that is hidden.
    """
    found: list[str] = []
    for path in filter(os.path.exists, paths):
        real = os.path.realpath(path)
        found += (
            () if real in hidden else _without(path, real, [one for one in hidden if not real.startswith(f"{one}/")])
        )
    return list(dict.fromkeys(found))


def _without(path: str, real: str, hidden: Sequence[str]) -> Iterator[str]:
    """The path, or what is in it but for what is hidden."""
    if any(real == one or real.startswith(f"{one}/") for one in hidden):
        return
    if Path(path).is_symlink() or not any(one.startswith(f"{real.rstrip('/')}/") for one in hidden):
        yield path
        return
    try:
        entries = sorted(os.scandir(path), key=lambda one: one.name)
    except OSError:  # not a folder, or closed to us too
        return
    for entry in entries:
        target = os.path.realpath(entry.path) if entry.is_symlink() else f"{real}/{entry.name}"
        yield from _without(entry.path, target, hidden)
