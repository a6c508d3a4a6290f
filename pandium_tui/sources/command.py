"""Runs git so that it never asks, never runs a hook, never hangs, and can be stopped."""

import contextlib
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pandium_tui.sources.credentials import Offer
from pandium_tui.sources.errors import (
    FetchCancelledError,
    GitFailedError,
    GitSilentError,
    SourceError,
    without_credentials,
)

# Variables that tie git to another repository; they are set when we are started by a hook of that repository.
# The list is that of `git rev-parse --local-env-vars`, without those that carry configuration.
_REPOSITORY_VARIABLES = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
_CONFIGURATION = (
    "core.hooksPath=/dev/null",
    "core.autocrlf=false",
    "core.fsmonitor=false",
    "core.symlinks=true",
    "fetch.recurseSubmodules=false",
    # Housekeeping in the background would outlive us and hold locks.
    "gc.autoDetach=false",
    "maintenance.autoDetach=false",
    "protocol.ext.allow=never",
    "submodule.recurse=false",
)
_SSH_OPTIONS = "-o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=3"
_KEPT_STDERR = 64 * 1024
_POLL_SECONDS = 0.1


def run_git(
    arguments: Sequence[str],
    *,
    git_folder: Path | None = None,
    working_folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    offer: Offer | None = None,
    progress: Callable[[str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    silence_limit: float | None = None,
) -> str:
    """Run git and give back what it prints to stdout.

    The machine's own git configuration stays in force: it carries proxies, certificate authorities and credential
    helpers.

    Args:
        arguments: everything after ``git``.
        git_folder: the repository; without it git looks for none that matters.
        working_folder: where git runs.
        environment: variables added to ours.
        offer: the credentials it may use (see ``credentials.offered``).
        progress: called with each line git prints to stderr.
        cancelled: asked several times a second; when it says yes git is killed.
        silence_limit: seconds without any output after which git is killed.

    Raises:
        GitFailedError: git ended with an error.
        FetchCancelledError: ``cancelled`` said yes.
        GitSilentError: the silence limit is reached.
        SourceError: kind ``git``, when git is not installed.
    """
    # Imported late: it costs the start of the app, and fails by itself where git is missing.
    try:
        from git.cmd import Git
        from git.exc import GitCommandNotFound
    except ImportError as error:
        raise _git_missing() from error
    offer = offer or Offer()
    options = [option for value in (*_CONFIGURATION, *offer.configuration) for option in ("-c", value)]
    repository = [f"--git-dir={git_folder}"] if git_folder else []
    added = dict(environment or {})
    foreign = [f"--unset={name}" for name in _REPOSITORY_VARIABLES if name in os.environ and name not in added]
    command = [*(["env", *foreign] if foreign else []), "git", *options, *repository, *arguments]
    try:
        automatic = Git(working_folder or git_folder).execute(
            command,
            as_process=True,
            env=_environment(offer.ssh) | added,
            start_new_session=True,
            pass_fds=offer.descriptors,
        )
    except GitCommandNotFound as error:
        raise _git_missing() from error
    process: subprocess.Popen[bytes] = automatic.proc  # type: ignore[assignment]
    words = _Words(progress)
    try:
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(_kill_session, process.pid)
            _pumped(process, words, cancelled, silence_limit)
            on_failure.pop_all()
    finally:
        code = process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
    if code != 0:
        raise GitFailedError(words.errors.decode("utf-8", "replace") or f"fatal: git ended with exit code {code}")
    return words.output.decode("utf-8", "replace")


def _kill_session(leader: int) -> None:
    """The whole session: git's transport helpers and ssh are children of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


class _Words:
    """What git printed: all of stdout, and the end of stderr, whose lines are reported as they come."""

    def __init__(self, progress: Callable[[str], None] | None) -> None:
        self.output = bytearray()
        self.errors = bytearray()
        self._line = b""
        self._progress = progress

    def take_output(self, data: bytes) -> None:
        self.output += data

    def take_error(self, data: bytes) -> None:
        self.errors = (self.errors + data)[-_KEPT_STDERR:]
        # Git ends progress with a carriage return.
        *lines, rest = re.split(rb"[\r\n]+", self._line + data)
        self._line = rest[-_KEPT_STDERR:]
        for line in lines:
            if self._progress and line.strip():
                self._progress(without_credentials(line.decode("utf-8", "replace").strip()))


def _pumped(
    process: "subprocess.Popen[bytes]", words: _Words, cancelled: Callable[[], bool] | None, silence_limit: float | None
) -> None:
    """Read both streams of a process until it ends."""
    silent_since = time.monotonic()
    with selectors.DefaultSelector() as selector:
        for stream, take in ((process.stdout, words.take_output), (process.stderr, words.take_error)):
            if stream:
                selector.register(stream, selectors.EVENT_READ, take)
        while selector.get_map():
            for key, _ in selector.select(_POLL_SECONDS):
                silent_since = time.monotonic()
                data = os.read(key.fd, 64 * 1024)
                key.data(data)
                if not data:
                    selector.unregister(key.fileobj)
            if cancelled and cancelled():
                raise FetchCancelledError
            silence = time.monotonic() - silent_since
            if silence > _POLL_SECONDS and process.poll() is not None:
                # A shared ssh connection left in the background would hold our pipe open for ever.
                return
            if silence_limit is not None and silence > silence_limit:
                raise GitSilentError(f"no sign of life for {silence_limit:g} seconds")


def _environment(ssh: str | None) -> dict[str, str]:
    ssh = ssh or os.environ.get("GIT_SSH_COMMAND") or "ssh"
    return {
        "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
        "GIT_ASKPASS": "",
        "GIT_SSH_COMMAND": f"{ssh} {_SSH_OPTIONS}",
        "GIT_TERMINAL_PROMPT": "0",
        "GCM_INTERACTIVE": "never",
        "LANGUAGE": "C",
        "LC_ALL": "C",
        "SSH_ASKPASS": "",
        "SSH_ASKPASS_REQUIRE": "never",
    }


def _git_missing() -> SourceError:
    return SourceError("git", "git is not installed on this machine, or not on PATH. Install git (2.25 or newer).")
