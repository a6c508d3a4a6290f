import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pandium_tui.builds.local import BuildPlan, plan_build, run_environment
from pandium_tui.builds.passed_variables import PASSED_VARIABLES, passed_to_builds, passed_to_runs
from tests.builds.test_toolchains import nodes, program, says

THIS_PYTHON = ".".join(str(part) for part in sys.version_info[:3])


def carried_out(plan: BuildPlan) -> str:
    """Run the commands as the supervisor does, in order; what they print."""
    printed = ""
    for command in plan.commands:
        finished = subprocess.run(
            command, cwd=plan.directory, env=plan.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        printed += finished.stdout
        assert finished.returncode == 0, f"{command}: {finished.stderr}"
    return printed


@pytest.fixture
def release(tmp_path: Path) -> Path:
    (tmp_path / "7/source/integration").mkdir(parents=True)
    return tmp_path / "7"


def wheel(folder: Path) -> None:
    """The smallest package that pip installs without asking anybody."""
    with zipfile.ZipFile(folder / "greeting-1.0-py3-none-any.whl", "w") as file:
        file.writestr("greeting.py", "print('hello')\n")
        file.writestr("greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        file.writestr("greeting-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr("greeting-1.0.dist-info/RECORD", "")


def test_a_python_release_is_built_and_run_in_its_own_environment(release: Path) -> None:
    directory = release / "source/integration"
    wheel(directory)
    build = (
        "pip install --no-index ./greeting-1.0-py3-none-any.whl > build.txt && "
        "printf '%s\\n' $(type -p python) $(type -p python3) $(type -p pip) $(type -p pip3) && python --version && "
        "echo $HOME $TMPDIR $PWD"
    )
    plan = plan_build(
        release_folder=release,
        directory=directory,
        language="python",
        version=THIS_PYTHON,
        build=build,
        run="python -m greeting",
        host={"PATH": f"{sys.base_prefix}/bin"},
    )
    bin_folder = release / "environment/bin"
    assert carried_out(plan).splitlines() == [
        *(str(bin_folder / name) for name in ("python", "python3", "pip", "pip3")),
        f"Python {THIS_PYTHON}",
        f"{release}/home {release}/tmp {directory}",
    ]
    assert "greeting" in (directory / "build.txt").read_text()
    assert plan.warnings == ()

    environment = run_environment(
        release_folder=release,
        language="python",
        path_entries=[str(entry) for entry in plan.toolchain.path_entries],
        host={},
    )
    run = subprocess.run(["bash", "-c", "python -m greeting"], env=environment, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "hello\n")


def test_a_build_in_another_language_needs_only_its_toolchain(release: Path, tmp_path: Path) -> None:
    host = nodes(tmp_path / "home", "22.1.0")
    plan = plan_build(
        release_folder=release,
        directory=release / "source",
        language="node",
        version="20.9.0",
        build="node > built.txt && env -0 > environment.txt",
        run="node .",
        host=host,
    )
    assert [command[:2] for command in plan.commands] == [("bash", "-c")]
    assert plan.warnings == (plan.toolchain.warning,)
    assert "built with 22.1.0" in plan.warnings[0]
    carried_out(plan)
    assert (release / "source/built.txt").read_text() == "v22.1.0\n"


def test_the_environment_is_built_from_nothing(release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    host = nodes(tmp_path / "home", "22.1.0") | {"AWS_SECRET_ACCESS_KEY": "secret", "PAN_SEC_X": "secret"}
    plan = plan_build(
        release_folder=release, directory=release / "source", language="node", version=None,
        build="env", run="node .", host=host,
    )  # fmt: skip
    seen = dict(line.split("=", 1) for line in carried_out(plan).splitlines())
    assert "secret" not in seen.values()
    assert set(seen) - set(plan.environment) <= {"PWD", "SHLVL", "_", "OLDPWD"}
    assert seen["HOME"] == f"{release}/home"
    assert seen["LANG"] == "C.UTF-8"
    assert seen["PATH"].split(":")[0] == str(plan.toolchain.path_entries[0])
    assert seen["PATH"].endswith("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    environment = run_environment(
        release_folder=release, language="node", path_entries=plan.toolchain.path_entries, host=host
    )
    assert set(environment) == {"HOME", "LANG", "PATH"}


def test_variables_with_a_hyphen_reach_the_build(release: Path, tmp_path: Path) -> None:
    plan = plan_build(
        release_folder=release, directory=release / "source", language="node", version=None,
        build="env", run="node .", host=nodes(tmp_path / "home", "22.1.0"),
    )  # fmt: skip
    plan.environment["PAN_SEC_HUBSPOT-BASIC_API_KEY"] = "kept"
    assert "PAN_SEC_HUBSPOT-BASIC_API_KEY=kept" in carried_out(plan)


def test_no_build_command_means_nothing_to_run(release: Path, tmp_path: Path) -> None:
    plan = plan_build(
        release_folder=release, directory=release / "source", language="node", version=None,
        build=None, run="node .", host=nodes(tmp_path / "home", "22.1.0"),
    )  # fmt: skip
    assert plan.commands == ()


@pytest.mark.parametrize(
    ("build", "run", "tools"),
    [
        ("pipenv install", "pipenv run python -m x", ("pipenv",)),
        ("pip install -r requirements.txt", "python main.py", ()),
        ("pip install -U pip && poetry install --only main", "python main.py", ("poetry",)),
        ("cd code; uv sync", "cd code && uv run main.py", ("uv",)),
        (None, "FLAG=1 exec pipenv run x", ("pipenv",)),
        ("(poetry install)|tee log", "uv run x", ("poetry", "uv")),
        ("cat pipenv.txt ./poetry/x uv.lock", "python my-uv-tool.py", ()),
    ],
)
def test_project_tools_are_installed_beside_the_environment(
    release: Path, tmp_path: Path, build: str | None, run: str, tools: tuple[str, ...]
) -> None:
    python = program(tmp_path / "bin/python3", 'echo "Python 3.7.16"')
    plan = plan_build(
        release_folder=release, directory=release / "source", language="python", version="3.7",
        build=build, run=run, host={"PATH": str(tmp_path / "bin"), "HOME": "/nowhere"},
    )  # fmt: skip
    assert plan.commands[0][0] == str(python)
    assert plan.commands[0][-1] == f"{release}/environment"
    installs = [command for command in plan.commands if "install" in command]
    if tools:
        (install,) = installs
        assert install[0] == f"{release}/tools/bin/python"
        assert install[-len(tools) :] == tools
    else:
        assert installs == []
    assert plan.environment["PATH"].split(":")[:2] == [f"{release}/environment/bin", f"{release}/tools/bin"]


def test_ruby_gems_and_php_settings_stay_in_the_release(release: Path, tmp_path: Path) -> None:
    says(tmp_path / "bin/ruby", "ruby 3.1.7p261 (2025) [x86_64-linux]")
    says(tmp_path / "bin/php", "PHP 8.3.1 (cli)")
    for language, name, value in [
        ("ruby", "GEM_HOME", f"{release}/gems"),
        ("php", "PHP_INI_SCAN_DIR", f":{release}/php"),
    ]:
        plan = plan_build(
            release_folder=release, directory=release / "source", language=language, version=None,
            build="true", run="x", host={"PATH": str(tmp_path / "bin")},
        )  # fmt: skip
        runs = run_environment(
            release_folder=release, language=language, path_entries=plan.toolchain.path_entries, host={}
        )
        assert plan.environment[name] == runs[name] == value
    assert "EGPCS" in (release / "php/environment.ini").read_text()


def test_certificates_and_proxies_are_handed_on_and_indexes_only_to_builds() -> None:
    host = {name: f"/value/of/{name}" for name in PASSED_VARIABLES}
    indexes = {"PIP_INDEX_URL": "https://user:pw@packages.example.com", "npm_config_registry": "https://npm"}
    assert passed_to_builds(host | indexes | {"HOME": "/x", "SSL_CERT_DIR": ""}) == {
        name: value for name, value in (host | indexes).items() if name != "SSL_CERT_DIR"
    }
    assert passed_to_runs(host | indexes) == host


def test_runs_get_the_proxies_and_no_package_index() -> None:
    host = {"https_proxy": "http://user:pw@proxy:3128", "PIP_INDEX_URL": "https://token@index/simple"}
    assert passed_to_runs(host) == {"https_proxy": "http://user:pw@proxy:3128"}
