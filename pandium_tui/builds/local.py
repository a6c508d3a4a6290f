"""Plans how a release is built and run on this machine: the commands, and environments made from nothing."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pandium_tui.builds.passed_variables import passed_to_builds, passed_to_runs
from pandium_tui.builds.toolchains import SYSTEM_PATH, Toolchain, find_toolchain

# Python's project tools, where a shell would look for a command.
_PYTHON_TOOL = re.compile(r"(?:^|[\s;&|(])(pipenv|poetry|uv)(?=$|[\s;&|)])")
BUILD_SETTINGS = {
    "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
    "DOTNET_NOLOGO": "1",
    # Go makes its downloads read-only, and then a release cannot be deleted.
    "GOFLAGS": "-modcacherw",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "PIPENV_NOSPIN": "1",
    "PIPENV_YES": "1",
    "POETRY_NO_INTERACTION": "1",
    "npm_config_fund": "false",
    "npm_config_update_notifier": "false",
}


# What a build makes beside the sources, by language.
_MADE = {"python": ("environment", "tools"), "ruby": ("gems",), "php": ("php",)}


@dataclass(frozen=True)
class BuildPlan:
    """How to build one release.

    Attributes:
        commands: to be run one after the other until one fails.
        environment: the whole environment of the commands.
        directory: where the commands run.
        toolchain: what the release is built with; runs need its ``path_entries``.
        folders: the folders of the release that the commands fill; they exist.
        warnings: what a person should know about the build.
    """

    commands: tuple[tuple[str, ...], ...]
    environment: dict[str, str]
    directory: Path
    toolchain: Toolchain
    folders: tuple[Path, ...]
    warnings: tuple[str, ...]


def plan_build(
    *,
    release_folder: Path,
    directory: Path,
    language: str,
    version: str | None,
    build: str | None,
    run: str,
    host: Mapping[str, str] | None = None,
) -> BuildPlan:
    """Plan the build of a release whose files are checked out; makes its ``home`` and ``tmp`` folders.

    Python releases get a virtual environment in ``environment``, and one in ``tools`` for pipenv, poetry or uv when
    ``build`` or ``run`` use them: these tools remove what they do not know from the environment they manage, and
    must be as old as its interpreter. The environments are made at their final place because they cannot be moved.

    Args:
        release_folder: the release's own folder, absolute.
        directory: the folder that holds the yaml.
        language: a key of ``LANGUAGES``.
        version: the version of the language asked for.
        build: the build command, given to ``bash -c``: dash would drop variables with a hyphen in their name.
        run: the run command; only looked at.
        host: the variables of this machine: where toolchains are looked for, and what is passed on. Without it those
            of this process.

    Raises:
        ToolchainMissingError: the language is not on this machine.
        OSError: the release folder cannot be written.
    """
    toolchain = find_toolchain(language, version, search=host)
    host = os.environ if host is None else host
    folders = (*release_content(release_folder, language), release_folder / "tmp")
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    if language == "php":
        _write_php_settings(release_folder)
    commands = _python_preparation(release_folder, toolchain, build or "", run) if language == "python" else []
    if build:
        commands.append(("bash", "-c", build))
    return BuildPlan(
        commands=tuple(commands),
        environment=_base_environment(release_folder, language, toolchain.path_entries)
        | BUILD_SETTINGS
        | {"TMPDIR": str(release_folder / "tmp")}
        | passed_to_builds(host),
        directory=directory,
        toolchain=toolchain,
        folders=folders,
        warnings=(toolchain.warning,) if toolchain.warning else (),
    )


def release_content(release_folder: Path, language: str) -> list[Path]:
    """The folders of a release that its build fills and its runs need."""
    return [release_folder / name for name in ("source", "home", *_MADE.get(language, ()))]


def run_environment(
    *, release_folder: Path, language: str, path_entries: Sequence[str | Path], host: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment every run of a release starts from; TZ, TMPDIR and the PAN_* variables are the caller's.

    Args:
        release_folder: the release's own folder, absolute.
        language: the language it was built for.
        path_entries: ``Toolchain.path_entries`` of its build.
        host: the variables of this machine, of which certificate and proxy settings are passed on. Without it those
            of this process.
    """
    passed = passed_to_runs(os.environ if host is None else host)
    return _base_environment(release_folder, language, path_entries) | passed


def _base_environment(release_folder: Path, language: str, path_entries: Sequence[str | Path]) -> dict[str, str]:
    entries = [str(entry) for entry in path_entries]
    variables = {"HOME": str(release_folder / "home"), "LANG": "C.UTF-8"}
    if language == "python":
        environment = release_folder / "environment"
        entries = [f"{environment}/bin", f"{release_folder}/tools/bin", *entries]
        variables |= {
            "VIRTUAL_ENV": str(environment),
            # Pipenv uses the active environment; it need not say so each time.
            "PIPENV_VENV_IN_PROJECT": "1",
            "PIPENV_VERBOSITY": "-1",
            "UV_PROJECT_ENVIRONMENT": str(environment),
            "UV_PYTHON_DOWNLOADS": "never",
        }
    elif language == "ruby":
        # Else bundler installs into the machine's own gems.
        gems = release_folder / "gems"
        entries = [f"{gems}/bin", *entries]
        variables |= {"GEM_HOME": str(gems), "BUNDLE_PATH": str(gems)}
    elif language == "php":
        # The leading colon keeps the machine's own folder of settings.
        variables["PHP_INI_SCAN_DIR"] = f":{release_folder / 'php'}"
    unique = list(dict.fromkeys([*entries, *SYSTEM_PATH.split(":")]))
    return variables | {"PATH": ":".join(unique)}


def python_tools(build: str, run: str) -> list[str]:
    """Which of Python's project tools the commands call."""
    return sorted(set(_PYTHON_TOOL.findall(build) + _PYTHON_TOOL.findall(run)))


def _python_preparation(release_folder: Path, toolchain: Toolchain, build: str, run: str) -> list[tuple[str, ...]]:
    python = str(toolchain.executable)
    commands: list[tuple[str, ...]] = [(python, "-I", "-m", "venv", "--clear", str(release_folder / "environment"))]
    tools = python_tools(build, run)
    if tools:
        folder = release_folder / "tools"
        commands.append((python, "-I", "-m", "venv", "--clear", str(folder)))
        commands.append((str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *tools))
    return commands


def _write_php_settings(release_folder: Path) -> None:
    """Fill ``$_ENV``, which integrations read and Debian's php.ini leaves empty."""
    folder = release_folder / "php"
    folder.mkdir(exist_ok=True)
    (folder / "environment.ini").write_text('variables_order = "EGPCS"\n', encoding="utf-8")
