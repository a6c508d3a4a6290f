import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pandium_tui.builds.languages import LANGUAGES
from pandium_tui.builds.toolchains import Toolchain, ToolchainMissingError, find_toolchain

Install = Callable[[str, str], Path]


def program(file: Path, script: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def says(file: Path, words: str) -> Path:
    return program(file, f"echo '{words}'")


def nodes(home: Path, *versions: str) -> dict[str, str]:
    """A home in which nvm has installed these versions."""
    for version in versions:
        says(home / f".nvm/versions/node/v{version}/bin/node", f"v{version}")
    return {"HOME": str(home), "PATH": ""}


def warned(toolchain: Toolchain) -> str:
    assert toolchain.warning is not None
    return toolchain.warning


@pytest.mark.parametrize(
    ("asked", "installed", "chosen"),
    [
        ("20", ["18.1.0", "20.1.0", "20.11.1", "20.9.3", "22.0.0"], "20.11.1"),
        ("20.9", ["20.9.0", "20.9.3", "20.11.1"], "20.9.3"),
        ("v20.9.0", ["20.9.0", "20.9.3"], "20.9.0"),
        ("20.9.0-alpine", ["20.9.0", "20.9.3"], "20.9.0"),
    ],
)
def test_an_exact_version_wins_without_a_warning(tmp_path: Path, asked: str, installed: list[str], chosen: str) -> None:
    toolchain = find_toolchain("node", asked, search=nodes(tmp_path, *installed))
    assert (toolchain.version, toolchain.warning, toolchain.asked) == (chosen, None, asked)
    assert toolchain.path_entries == (tmp_path / f".nvm/versions/node/v{chosen}/bin",)


@pytest.mark.parametrize(
    ("asked", "installed", "chosen"),
    [
        # The same minor before anything else, even when it is lower.
        ("20.9.4", ["20.9.1", "20.9.3", "20.10.0"], "20.9.3"),
        # The smallest higher minor, in its newest patch.
        ("20.9", ["20.8.0", "20.11.1", "20.11.7", "20.20.2", "22.0.0"], "20.11.7"),
        # The largest lower minor when there is no higher one.
        ("20.9", ["20.1.0", "20.8.0", "22.0.0", "18.0.0"], "20.8.0"),
        # Other majors: the smallest higher, else the largest lower.
        ("20", ["18.0.0", "22.1.0", "24.0.0"], "22.1.0"),
        ("20", ["14.0.0", "18.3.0", "18.1.0"], "18.3.0"),
        # A pre-release only when nothing else is left.
        ("20", ["21.0.0-rc.1", "18.0.0"], "18.0.0"),
        ("20", ["21.0.0-rc.1"], "21.0.0-rc.1"),
    ],
)
def test_else_the_nearest_version_with_a_warning(tmp_path: Path, asked: str, installed: list[str], chosen: str) -> None:
    toolchain = find_toolchain("node", asked, search=nodes(tmp_path, *installed))
    assert toolchain.version == chosen
    assert f"node {asked} is not on this machine; built with {chosen}" in warned(toolchain)
    assert f"nvm install {asked}" in warned(toolchain)


def test_a_version_that_is_no_number_is_said(tmp_path: Path) -> None:
    toolchain = find_toolchain("node", "lts", search=nodes(tmp_path, "18.0.0", "22.0.0"))
    assert warned(toolchain) == "node version 'lts' is not a number; built with 22.0.0"


def test_without_a_version_the_one_on_path_comes_first(tmp_path: Path) -> None:
    search = nodes(tmp_path, "22.0.0", "24.0.0")
    assert find_toolchain("node", None, search=search).version == "24.0.0"
    says(tmp_path / "bin/node", "v18.0.0")
    toolchain = find_toolchain("node", None, search=search | {"PATH": f"/nowhere:{tmp_path}/bin"})
    assert (toolchain.version, toolchain.warning) == ("18.0.0", None)


@pytest.mark.parametrize(
    ("language", "location", "words", "version", "variables"),
    [
        ("node", ".local/share/fnm/node-versions/v20.1.0/installation/bin/node", "v20.1.0", "20.1.0", {}),
        ("node", ".volta/tools/image/node/20.1.0/bin/node", "v20.1.0", "20.1.0", {}),
        ("node", ".local/share/mise/installs/node/20/bin/node", "v20.1.0", "20.1.0", {}),
        ("node", "data/mise/installs/node/20/bin/node", "v20.1.0", "20.1.0", {"XDG_DATA_HOME": "{home}/data"}),
        ("node", ".asdf/installs/nodejs/20.1.0/bin/node", "v20.1.0", "20.1.0", {}),
        ("node", "elsewhere/versions/node/v20.1.0/bin/node", "v20.1.0", "20.1.0", {"NVM_DIR": "{home}/elsewhere"}),
        ("java", "jdk/bin/java", 'openjdk version "17.0.15" 2025-04-15', "17.0.15", {"JAVA_HOME": "{home}/jdk"}),
        ("java", ".sdkman/candidates/java/8-tem/bin/java", 'openjdk version "1.8.0_292"', "8.0_292", {}),
        ("dotnet", ".dotnet/dotnet", "8.0.100 [/usr/share/dotnet/sdk]", "8.0.100", {}),
        ("php", ".phpenv/versions/8.3/bin/php", "PHP 8.3.1 (cli) (built: today)", "8.3.1", {}),
        ("ruby", ".rbenv/versions/3.1.7/bin/ruby", "ruby 3.1.7p261 (2025) [x86_64-linux]", "3.1.7", {}),
        ("go", "sdk/go1.22.1/bin/go", "go version go1.22.1 linux/amd64", "1.22.1", {}),
        ("rust", ".rustup/toolchains/stable/bin/rustc", "rustc 1.80.0 (abc 2024-07-21)", "1.80.0", {}),
    ],
)
def test_where_version_managers_keep_them(
    tmp_path: Path, language: str, location: str, words: str, version: str, variables: dict[str, str]
) -> None:
    file = says(tmp_path / location, words)
    search = {"HOME": str(tmp_path)} | {name: value.format(home=tmp_path) for name, value in variables.items()}
    toolchain = find_toolchain(language, None, search=search)
    assert (toolchain.executable, toolchain.version) == (file, version)


def test_old_java_by_both_its_names(tmp_path: Path) -> None:
    says(tmp_path / ".sdkman/candidates/java/8-tem/bin/java", 'openjdk version "1.8.0_292"')
    for asked in ("8", "1.8"):
        assert find_toolchain("java", asked, search={"HOME": str(tmp_path)}).warning is None


def test_every_sdk_of_dotnet_counts(tmp_path: Path) -> None:
    program(tmp_path / ".dotnet/dotnet", "echo '6.0.400 [/sdk]'; echo '8.0.100 [/sdk]'")
    assert find_toolchain("dotnet", "6.0", search={"HOME": str(tmp_path)}).warning is None
    assert "built with 6.0.400" in warned(find_toolchain("dotnet", "5.0", search={"HOME": str(tmp_path)}))


def test_kotlin_brings_java_along(tmp_path: Path) -> None:
    says(tmp_path / ".sdkman/candidates/kotlin/2.0/bin/kotlinc", "info: kotlinc-jvm 2.0.1 (JRE 17)")
    search = {"HOME": str(tmp_path)}
    with pytest.raises(ToolchainMissingError, match="There is no java"):
        find_toolchain("kotlin", "2.0", search=search)
    java = says(tmp_path / ".sdkman/candidates/java/17/bin/java", 'openjdk version "17.0.1"')
    (tmp_path / ".sdkman/candidates/maven/current/bin").mkdir(parents=True)
    assert find_toolchain("kotlin", "2.0", search=search).path_entries == (
        tmp_path / ".sdkman/candidates/kotlin/2.0/bin",
        java.parent,
        tmp_path / ".sdkman/candidates/maven/current/bin",
    )


def test_shims_are_not_trusted(tmp_path: Path) -> None:
    says(tmp_path / ".asdf/shims/node", "v99.0.0")
    rustup = program(tmp_path / ".cargo/bin/rustup", "echo 'rustc 99.0.0 (proxy)'")
    (tmp_path / ".cargo/bin/rustc").symlink_to(rustup)
    search = {"HOME": str(tmp_path), "PATH": f"{tmp_path}/.asdf/shims:{tmp_path}/.cargo/bin"}
    for language in ("node", "rust"):
        with pytest.raises(ToolchainMissingError):
            find_toolchain(language, None, search=search)


def test_programs_that_fail_or_say_nonsense_do_not_count(tmp_path: Path) -> None:
    search = nodes(tmp_path, "18.0.0")
    for name, script in {
        "fails": "echo v20.0.0; exit 127",
        "nonsense": "echo hello",
        "binary": "printf '\\377\\376'",
        "silent": "true",
    }.items():
        program(tmp_path / f".nvm/versions/node/{name}/bin/node", script)
    broken = tmp_path / ".nvm/versions/node/broken/bin/node"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o755)
    (tmp_path / ".nvm/versions/node/plain/bin").mkdir(parents=True)
    (tmp_path / ".nvm/versions/node/plain/bin/node").write_text("not executable")
    assert find_toolchain("node", "20", search=search).version == "18.0.0"


def test_a_program_that_hangs_is_passed_over(tmp_path: Path) -> None:
    search = nodes(tmp_path, "18.0.0")
    too_late = f"exec {sys.executable} -c 'import time; time.sleep(60); print(\"v20.0.0\")'"
    program(tmp_path / ".nvm/versions/node/v20.0.0/bin/node", too_late)
    assert find_toolchain("node", "20", search=search).version == "18.0.0"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_language_names_what_to_install(tmp_path: Path, language: str) -> None:
    with pytest.raises(ToolchainMissingError) as caught:
        find_toolchain(language, "7.5", search={"HOME": str(tmp_path), "PATH": str(tmp_path)})
    assert f"the build needs {language} 7.5" in str(caught.value)
    assert "Install it with: " in str(caught.value)
    with pytest.raises(ToolchainMissingError, match="Install it with: "):
        find_toolchain(language, None, search={})


def test_an_unknown_language_lists_the_known_ones() -> None:
    with pytest.raises(ToolchainMissingError, match="do not know the language 'cobol'; they know python, node"):
        find_toolchain("cobol", None, search={})


def real_python(home: Path, version: str) -> None:
    """A folder of pyenv whose interpreter works but claims another version."""
    program(
        home / f".pyenv/versions/{version}/bin/python{'.'.join(version.split('.')[:2])}",
        f'[ "$1" = --version ] && echo "Python {version}" || exec {sys.executable} "$@"',
    )


def test_python_without_a_version_is_the_newest_stable_one(tmp_path: Path) -> None:
    for version in ("3.8.18", "3.12.1", "3.9.2", "3.99.0a1"):
        real_python(tmp_path, version)
    says(tmp_path / "bin/python3", "Python 3.7.1")
    search = {"HOME": str(tmp_path), "PATH": f"{tmp_path}/bin"}
    assert find_toolchain("python", None, search=search).version == "3.12.1"


def test_pythons_that_cannot_make_an_environment_are_passed_over_and_named(tmp_path: Path) -> None:
    says(tmp_path / ".pyenv/versions/2.7.18/bin/python", "Python 2.7.18")
    program(tmp_path / "bin/python3.7", '[ "$1" = --version ] && echo "Python 3.7.1"')
    search = {"HOME": str(tmp_path), "PATH": f"{tmp_path}/bin"}
    with pytest.raises(ToolchainMissingError, match=r"python3\.7 \(3\.7\.1\) cannot make a virtual environment"):
        find_toolchain("python", "3.7", search=search)
    real_python(tmp_path, "3.8.18")
    warning = warned(find_toolchain("python", "3.7", search=search))
    assert "built with 3.8.18" in warning
    assert "uv python install 3.7" in warning
    assert "python3.7 (3.7.1) cannot make a virtual environment" in warning
    with pytest.raises(ToolchainMissingError, match=r"need python 3\.4 or newer"):
        find_toolchain("python", "2.7", search=search)


def test_a_virtual_environment_on_path_leads_to_its_interpreter(tmp_path: Path) -> None:
    real_python(tmp_path, "3.12.1")
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/bin/python").symlink_to(tmp_path / ".pyenv/versions/3.12.1/bin/python3.12")
    toolchain = find_toolchain("python", None, search={"PATH": f"{tmp_path}/venv/bin", "HOME": "/nowhere"})
    assert toolchain.executable == tmp_path / ".pyenv/versions/3.12.1/bin/python3.12"


def test_a_real_interpreter_is_found() -> None:
    version = ".".join(str(part) for part in sys.version_info[:3])
    toolchain = find_toolchain("python", version, search={"PATH": f"{sys.base_prefix}/bin"})
    assert (toolchain.version, toolchain.warning) == (version, None)


VERSIONS = st.tuples(st.integers(16, 22), st.integers(0, 3), st.integers(0, 3))


@given(installed=st.sets(VERSIONS, min_size=1, max_size=4), asked=VERSIONS, length=st.integers(1, 3))
def test_nothing_installed_is_nearer_than_the_chosen_one(
    tmp_path_factory: pytest.TempPathFactory,
    installed: set[tuple[int, int, int]],
    asked: tuple[int, int, int],
    length: int,
) -> None:
    wanted = asked[:length]
    search = nodes(tmp_path_factory.mktemp("home"), *(".".join(map(str, version)) for version in installed))
    toolchain = find_toolchain("node", ".".join(map(str, wanted)), search=search)
    chosen = tuple(int(part) for part in toolchain.version.split("."))

    def agreeing(version: tuple[int, ...]) -> int:
        return next((index for index in range(length) if version[index] != wanted[index]), length)

    assert agreeing(chosen) == max(agreeing(version) for version in installed)
    assert (toolchain.warning is None) == (agreeing(chosen) == length)
    rivals = [version for version in installed if agreeing(version) == agreeing(chosen)]
    higher = [version for version in rivals if version[:length] >= wanted]
    if higher:
        assert chosen[:length] == min(version[:length] for version in higher)
    else:
        assert chosen[:length] == max(version[:length] for version in rivals)
    assert chosen == max(version for version in rivals if version[:length] == chosen[:length])
