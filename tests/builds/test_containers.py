"""What an engine is told: the Containerfile and command lines, without any value in them."""

from pathlib import Path

import pytest

from pandium_tui.builds.container_engine import ContainerEngine, ContainerEngineError, engine_named
from pandium_tui.builds.containers import Origin, containerfile, plan_image, plan_run
from pandium_tui.settings import Settings

CANARY = "c4n4ry-0f-4-s3cr3t"
ENGINE = ContainerEngine("podman", "/usr/bin/podman", ("--runtime", "runc"))


def test_a_containerfile_builds_as_root_and_runs_as_a_user_without_rights() -> None:
    text = containerfile(
        image="docker.io/library/python:3.7",
        language="python",
        directory="app",
        build='pipenv install && echo "done"',
        run="pipenv run python -m app",
        variables=["PIP_INDEX_URL"],
        certificates={"/etc/ssl/ca.crt": "certificate-0"},
    )
    assert text.splitlines() == [
        "FROM docker.io/library/python:3.7",
        "USER 0:0",
        "ARG PIP_INDEX_URL",
        'COPY ["certificate-0", "/etc/ssl/ca.crt"]',
        'ENV HOME="/home/integration" LANG="C.UTF-8" TMPDIR="/tmp" XDG_CACHE_HOME="/tmp/.cache" '
        'PIPENV_VENV_IN_PROJECT="1" PIPENV_VERBOSITY="-1"',
        "WORKDIR /home/integration",
        'COPY ["source/", "/integration/"]',
        'WORKDIR "/integration/app"',
        'RUN ["python", "-m", "pip", "install", "--quiet", "pipenv"]',
        'RUN ["/bin/bash", "-c", "pipenv install && echo \\"done\\""]',
        'RUN ["/bin/bash", "-c", "chmod -R a+rX /integration /home/integration"]',
        "USER 10001:10001",
    ]


def test_a_build_command_of_many_lines_stays_one_instruction() -> None:
    text = containerfile(
        image="golang:1", language="go", directory=".", build="go build\nUSER root\n", run="true", variables=[]
    )
    assert [line for line in text.splitlines() if line.startswith("USER")] == ["USER 0:0", "USER 10001:10001"]


def test_no_value_stands_in_the_command_line_of_a_run(tmp_path: Path) -> None:
    command = plan_run(
        ENGINE,
        Origin(tmp_path, "crm", 3, 7),
        Settings(home=tmp_path, container_memory=1000, container_arguments=("--init",)),
        image="image:1",
        name="name",
        run="python -m app",
        environment={"PAN_SEC_HUBSPOT-BASIC_API_KEY": CANARY, "PAN_CFG_A": CANARY},
        readable=[tmp_path / "metadata.json"],
        temporary_folder=tmp_path / "tmp",
        host={"PATH": "/usr/bin", "HTTPS_PROXY": f"http://user:{CANARY}@proxy", "PRIVATE": CANARY},
    )
    line = " ".join(command.arguments)
    assert CANARY not in line
    assert line.startswith("/usr/bin/podman --runtime runc run --name=name --rm ")
    for wanted in (
        "-e PAN_SEC_HUBSPOT-BASIC_API_KEY", "-e HTTPS_PROXY", "--memory=1000 --memory-swap=1000", "--pids-limit=512",
        "--network=bridge", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--user=10001:10001",
        "--log-driver=none", "--label=io.pandium-tui.run=7", "--label=io.pandium-tui.release=3",
        f"--mount=type=bind,source={tmp_path}/metadata.json,target={tmp_path}/metadata.json,readonly",
    ):  # fmt: skip
        assert wanted in line
    assert line.endswith("--init image:1 /bin/bash -c python -m app")
    assert command.environment["PAN_SEC_HUBSPOT-BASIC_API_KEY"] == CANARY
    assert "PRIVATE" not in command.environment


def test_no_value_stands_in_the_command_line_or_files_of_a_build(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "main.py").write_text("pass")
    certificate = tmp_path / "ca.crt"
    certificate.write_text("a certificate")
    command = plan_image(
        ENGINE,
        Origin(tmp_path, "crm", 3),
        release_folder=tmp_path,
        directory=".",
        base_image="python:3",
        language="python",
        build="true",
        run="true",
        image="image:1",
        host={"PIP_INDEX_URL": f"https://user:{CANARY}@index", "PIP_CERT": str(certificate), "SSL_CERT_DIR": "/etc"},
    )
    file = (tmp_path / "Containerfile").read_text()
    assert CANARY not in " ".join(command.arguments) + file
    assert "--build-arg=PIP_INDEX_URL" in command.arguments
    assert "--build-arg=SSL_CERT_DIR" not in command.arguments
    assert f'COPY ["certificate-0", "{certificate}"]' in file.splitlines()
    assert (tmp_path / "context" / "source" / "main.py").read_text() == "pass"
    assert (tmp_path / "context" / "certificate-0").read_text() == "a certificate"


def test_a_client_without_an_engine_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\necho Cannot connect to the Docker daemon >&2\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ContainerEngineError, match=r"Cannot connect to the Docker daemon.*executor"):
        engine_named("docker").version()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(ContainerEngineError, match="podman is not installed"):
        engine_named("podman")
