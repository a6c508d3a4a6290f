"""Plans how a release is built and run in containers: the Containerfile, and command lines without a value in them.

The engine's program finds values in its own environment (``-e NAME``, ``--build-arg NAME``), because a command line
can be read by everybody on the machine.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pandium_tui.builds.container_engine import ContainerEngine, client_environment
from pandium_tui.builds.local import BUILD_SETTINGS, python_tools
from pandium_tui.builds.passed_variables import passed_to_builds, passed_to_runs
from pandium_tui.settings import Settings

USER = "10001:10001"
HOME = "/home/integration"
SOURCE = "/integration"
LABEL = "io.pandium-tui"
_FOLDER_VARIABLES = {"SSL_CERT_DIR", "PIP_FIND_LINKS"}  # folders of this machine, which no container has
_IMAGE_VARIABLES = {
    "HOME": HOME,
    "LANG": "C.UTF-8",
    "TMPDIR": "/tmp",  # noqa: S108 - of the container
    "XDG_CACHE_HOME": "/tmp/.cache",  # noqa: S108 - the only place a run can write to
    "PIPENV_VENV_IN_PROJECT": "1",
    "PIPENV_VERBOSITY": "-1",
}


@dataclass(frozen=True)
class ContainerCommand:
    """One call of the engine's program.

    Attributes:
        arguments: the whole command line.
        environment: the whole environment of the program.
    """

    arguments: tuple[str, ...]
    environment: dict[str, str]


@dataclass(frozen=True)
class Origin:
    """What an image or container belongs to; it becomes its labels.

    Attributes:
        home: the home folder of the installation.
        integration: the name of the integration.
        release_id: of the release.
        run_id: of the run; None for an image.
    """

    home: Path
    integration: str
    release_id: int
    run_id: int | None = None

    @property
    def labels(self) -> list[str]:
        """Arguments of ``build`` and ``run``."""
        labels = {
            "installation": installation_of(self.home),
            "integration": self.integration,
            "release": str(self.release_id),
            **({} if self.run_id is None else {"run": str(self.run_id)}),
        }
        return [f"--label={LABEL}.{name}={value}" for name, value in labels.items()]


def installation_of(home: Path) -> str:
    """A short name of this installation, so that two on one machine leave each other's containers alone."""
    return hashlib.sha256(os.fsencode(home)).hexdigest()[:12]


def image_name(home: Path, release_id: int, attempt: str) -> str:
    """The image of a release; ``attempt`` tells attempts to build it apart."""
    return f"pandium-tui-{installation_of(home)}:release-{release_id}-{attempt}".lower()


def container_name(home: Path, run_id: int, attempt: str) -> str:
    """The container of a run; ``attempt`` tells attempts to start it apart."""
    return f"pandium-tui-{installation_of(home)}-run-{run_id}-{attempt}".lower()


def containerfile(
    *,
    image: str,
    language: str,
    directory: str,
    build: str | None,
    run: str,
    variables: Iterable[str] = (),
    certificates: Mapping[str, str] | None = None,
) -> str:
    """The Containerfile of a release.

    Args:
        image: what it begins with.
        language: a key of ``LANGUAGES``.
        directory: the folder that holds the yaml, relative to the sources.
        build: the build command.
        run: the run command; only looked at for the tools it needs.
        variables: names whose values the build gets from whoever builds, and the image does not keep.
        certificates: absolute paths in the image, and where in the context their content is.
    """
    settings = " ".join(f"{name}={json.dumps(value)}" for name, value in _IMAGE_VARIABLES.items())
    lines = [f"FROM {image}", "USER 0:0", *(f"ARG {name}" for name in sorted(variables))]
    lines += [f"COPY {json.dumps([place, path])}" for path, place in sorted((certificates or {}).items())]
    # A WORKDIR is made where it is missing.
    lines += [f"ENV {settings}", f"WORKDIR {HOME}", f"COPY {json.dumps(['source/', SOURCE + '/'])}"]
    lines.append(f"WORKDIR {SOURCE}" if directory in ("", ".") else f"WORKDIR {json.dumps(f'{SOURCE}/{directory}')}")
    tools = python_tools(build or "", run) if language == "python" else []
    if tools:
        lines.append(f"RUN {json.dumps(['python', '-m', 'pip', 'install', '--quiet', *tools])}")
    if build:
        lines.append(f"RUN {json.dumps(['/bin/bash', '-c', build])}")
    lines.append(f"RUN {json.dumps(['/bin/bash', '-c', f'chmod -R a+rX {SOURCE} {HOME}'])}")
    lines.append(f"USER {USER}")
    return "\n".join(lines) + "\n"


def plan_image(
    engine: ContainerEngine,
    origin: Origin,
    *,
    release_folder: Path,
    directory: str,
    base_image: str,
    language: str,
    build: str | None,
    run: str,
    image: str,
    host: Mapping[str, str] | None = None,
) -> ContainerCommand:
    """Write the context of a release whose files are checked out, and plan the call that builds its image.

    Args:
        engine: what builds.
        origin: becomes the labels of the image.
        release_folder: the release's own folder, with the sources in ``source``.
        directory: the folder that holds the yaml, relative to the sources.
        base_image: what the image begins with.
        language: a key of ``LANGUAGES``.
        build: the build command.
        run: the run command; only looked at.
        image: the name it gets.
        host: the variables of this machine; without it those of this process.

    Raises:
        OSError: the release folder cannot be written.
    """
    host = os.environ if host is None else host
    passed = {name: value for name, value in passed_to_builds(host).items() if name not in _FOLDER_VARIABLES}
    context = release_folder / "context"
    shutil.rmtree(context, ignore_errors=True)
    context.mkdir(mode=0o700)
    # The context needs the sources beside the certificates; a link to each file takes no room.
    shutil.copytree(release_folder / "source", context / "source", symlinks=True, copy_function=_link)
    certificates = {}
    for number, path in enumerate(_certificates(passed)):
        place = f"certificate-{number}"
        shutil.copyfile(path, context / place)
        certificates[path] = place
    environment = BUILD_SETTINGS | passed
    file = release_folder / "Containerfile"
    text = containerfile(
        image=base_image, language=language, directory=directory, build=build, run=run, variables=environment,
        certificates=certificates,
    )  # fmt: skip
    file.write_text(text, encoding="utf-8")
    temporary = release_folder / "tmp"
    temporary.mkdir(mode=0o700, exist_ok=True)
    variables = [f"--build-arg={name}" for name in sorted(environment)]
    # Podman would keep an image of each step, and they stay when the release's image is removed.
    layers = ["--layers=false"] if engine.name == "podman" else []
    return ContainerCommand(
        engine.command("build", *layers, *origin.labels, *variables, f"--tag={image}", f"--file={file}", str(context)),
        client_environment(host) | environment | {"TMPDIR": str(temporary)},
    )


def plan_run(
    engine: ContainerEngine,
    origin: Origin,
    settings: Settings,
    *,
    image: str,
    name: str,
    run: str,
    environment: Mapping[str, str],
    readable: Iterable[Path],
    temporary_folder: Path,
    host: Mapping[str, str] | None = None,
) -> ContainerCommand:
    """Plan the call that runs a release's image: nothing of the container can be written but its own /tmp.

    Args:
        engine: what runs it.
        origin: becomes the labels of the container.
        settings: its limits.
        image: of the release.
        name: of the container.
        run: the run command.
        environment: what the run command finds beside the image's own variables.
        readable: files and folders of this machine that it finds at the same path.
        temporary_folder: marks the processes of the call itself.
        host: the variables of this machine; without it those of this process.
    """
    host = os.environ if host is None else host
    passed = {key: value for key, value in passed_to_runs(host).items() if key not in _FOLDER_VARIABLES}
    inside = passed | dict(environment)
    mounts = [*(str(path) for path in readable), *_certificates(passed)]
    return ContainerCommand(
        engine.command(
            "run",
            f"--name={name}",
            "--rm",
            "--pull=never",
            # The supervisor keeps the log, masked; an engine's own copy would hold secrets in clear.
            "--log-driver=none",
            *origin.labels,
            "--read-only",
            "--tmpfs=/tmp:rw,mode=1777",
            "--cap-drop=all",
            "--security-opt=no-new-privileges",
            f"--user={USER}",
            f"--network={settings.container_network}",
            f"--memory={settings.container_memory}",
            f"--memory-swap={settings.container_memory}",
            f"--cpus={settings.container_cpus}",
            f"--pids-limit={settings.container_pids}",
            *(f"--mount=type=bind,source={path},target={path},readonly" for path in mounts),
            *(argument for key in sorted(inside) for argument in ("-e", key)),
            *settings.container_arguments,
            image,
            "/bin/bash",
            "-c",
            run,
        ),
        # No variable of a run has the name of one that the program itself needs.
        inside | client_environment(host) | {"TMPDIR": str(temporary_folder)},
    )


def _certificates(passed: Mapping[str, str]) -> list[str]:
    """The absolute paths of certificate files that variables name."""
    return sorted({value for value in passed.values() if value.startswith("/") and Path(value).is_file()})


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)
