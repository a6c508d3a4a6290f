"""The ``docker`` or ``podman`` program: whether its engine answers, and the environment it is called with."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pandium_tui.settings import Settings

ANSWER_LIMIT = 20.0
"""Seconds an engine may take to answer a short question."""

# What tells the program where its engine, its storage and its logins are.
_CLIENT_VARIABLES = (
    "PATH",
    "HOME",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
    "CONTAINER_HOST",
    "CONTAINERS_CONF",
    "CONTAINERS_STORAGE_CONF",
    "CONTAINERS_REGISTRIES_CONF",
    "REGISTRY_AUTH_FILE",
)
_VERSION_FORMATS = {"docker": "{{.Server.Version}}", "podman": "{{.Client.Version}}"}


class ContainerEngineError(Exception):
    """The container engine does not answer; the message says what it said and what to do."""


@dataclass(frozen=True, slots=True)
class ContainerEngine:
    """How one engine is called.

    Attributes:
        name: ``docker`` or ``podman``.
        program: its absolute path.
        arguments: of the program itself, before any command.
    """

    name: str
    program: str
    arguments: tuple[str, ...]

    def command(self, *arguments: str) -> tuple[str, ...]:
        """The whole command line of one call."""
        return (self.program, *self.arguments, *arguments)

    def ask(self, *arguments: str) -> str:
        """What a short call prints.

        Raises:
            ContainerEngineError: it failed, or gave no answer in time.
        """
        try:
            answer = subprocess.run(
                self.command(*arguments),
                env=client_environment(os.environ),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="backslashreplace",
                timeout=ANSWER_LIMIT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ContainerEngineError(f"{self.name} does not answer: {error}") from error
        if answer.returncode:
            words = _last_line(answer.stderr) or f"exit code {answer.returncode}"
            raise ContainerEngineError(f"{self.name} {arguments[0]} failed: {words}")
        return answer.stdout

    def version(self) -> str:
        """The version of the engine that answers; a client alone is none.

        Raises:
            ContainerEngineError: no engine answers.
        """
        try:
            return self.ask("version", "--format", _VERSION_FORMATS[self.name]).strip()
        except ContainerEngineError as error:
            raise ContainerEngineError(
                f'{error}. Start the engine, or set executor = "local" in config.toml.'
            ) from error


def engine_named(name: str, arguments: Sequence[str] = ()) -> ContainerEngine:
    """The engine of this name, not yet asked anything.

    Raises:
        ContainerEngineError: its program is not installed.
    """
    program = shutil.which(name)
    if program is None:
        raise ContainerEngineError(f'{name} is not installed: install it, or set executor = "local" in config.toml')
    return ContainerEngine(name, os.path.abspath(program), tuple(arguments))  # noqa: PTH100 - a link stays one


def engine_of(settings: Settings) -> ContainerEngine:
    """The engine that is set, not yet asked anything.

    Raises:
        ContainerEngineError: its program is not installed.
    """
    return engine_named(settings.executor, settings.engine_arguments)


def client_environment(host: Mapping[str, str]) -> dict[str, str]:
    """What the program itself needs of this machine's variables."""
    return {name: host[name] for name in _CLIENT_VARIABLES if host.get(name)}


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
