"""What is known about each language: how its interpreter is called, asked for its version, found and installed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Language:
    """One language a build can ask for.

    Attributes:
        programs: names of its main program, as glob patterns.
        version_arguments: what makes the program print its version.
        version_pattern: a regular expression; each match of its group in that output is a version it offers.
        folders: where version managers and packages put it: glob patterns of the folders that hold the program.
            ``{variables}`` are those of ``_roots``.
        install: what a person can do to get it; ``{version}`` is the one asked for.
        any_version: the version the installation hint names when none is asked for.
        follow_links: whether the folder behind a linked program is the one to use.
        newest_first: without a version asked: the newest one, rather than the first one on PATH.
        preferred: folders that go before PATH, written like ``folders``.
        companions: folders of programs that builds in this language also use.
        needs: another language it runs on.
    """

    programs: tuple[str, ...]
    version_arguments: tuple[str, ...]
    version_pattern: str
    folders: tuple[str, ...]
    install: str
    any_version: str
    follow_links: bool = False
    newest_first: bool = False
    preferred: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    needs: str | None = None


LANGUAGES: Mapping[str, Language] = {
    "python": Language(
        # python3 and python3.7, not python3-config or python3.7m.
        programs=("python", "python3", "python3.[0-9]", "python3.[0-9][0-9]"),
        version_arguments=("--version",),
        version_pattern=r"^Python (\S+)",
        folders=(
            "{pyenv}/versions/*/bin",
            "{uv}/*/bin",
            "{mise}/python/*/bin",
            "{asdf}/python/*/bin",
        ),
        install="uv python install {version}, or: pyenv install {version}",
        any_version="3.12",
        # The program of somebody's virtual environment leads to the interpreter it was made with.
        follow_links=True,
        newest_first=True,
    ),
    "node": Language(
        programs=("node", "nodejs"),
        version_arguments=("--version",),
        version_pattern=r"^v(\d\S*)",
        folders=(
            "{nvm}/versions/node/*/bin",
            "{fnm}/node-versions/*/installation/bin",
            "{mise}/node/*/bin",
            "{asdf}/nodejs/*/bin",
            "{home}/.nodenv/versions/*/bin",
            "{home}/.volta/tools/image/node/*/bin",
            "/usr/local/n/versions/node/*/bin",
        ),
        install="nvm install {version}, or: mise install node@{version}",
        any_version="22",
    ),
    "java": Language(
        programs=("java",),
        version_arguments=("-version",),
        # Java 8 calls itself 1.8.
        version_pattern=r'version "(?:1\.)?([^"]+)"',
        preferred=("{java_home}/bin",),
        folders=(
            "/usr/lib/jvm/*/bin",
            "/opt/java/*/bin",
            "{sdkman}/java/*/bin",
            "{mise}/java/*/bin",
            "{asdf}/java/*/bin",
        ),
        install="the package openjdk-{version}-jdk, or: mise install java@{version}",
        any_version="21",
        follow_links=True,
        companions=("{sdkman}/maven/current/bin", "{sdkman}/gradle/current/bin"),
    ),
    "kotlin": Language(
        programs=("kotlinc",),
        version_arguments=("-version",),
        version_pattern=r"kotlinc-jvm (\d\S*)",
        folders=("{sdkman}/kotlin/*/bin", "{mise}/kotlin/*/bin", "{mise}/kotlin/*/kotlinc/bin", "{asdf}/kotlin/*/bin"),
        install="sdk install kotlin {version}, or: mise install kotlin@{version}",
        any_version="2.0",
        needs="java",
    ),
    "clojure": Language(
        programs=("clojure", "lein"),
        version_arguments=("--version",),
        version_pattern=r"(?:CLI version|Leiningen) (\d\S*)",
        folders=("{mise}/clojure/*/bin", "{asdf}/clojure/*/bin", "{home}/bin", "{home}/.local/bin"),
        install="mise install clojure@{version}, or the package leiningen",
        any_version="1.12",
        needs="java",
    ),
    "dotnet": Language(
        programs=("dotnet",),
        version_arguments=("--list-sdks",),
        version_pattern=r"^(\d+\.\S+) \[",
        preferred=("{dotnet_root}",),
        folders=("{home}/.dotnet", "/usr/share/dotnet", "/usr/lib/dotnet", "{mise}/dotnet/*"),
        install="dotnet-install.sh --channel {version} (https://dot.net), or the package dotnet-sdk-{version}",
        any_version="8.0",
    ),
    "php": Language(
        programs=("php", "php[0-9].[0-9]"),
        version_arguments=("--version",),
        version_pattern=r"^PHP (\d\S*)",
        folders=("{home}/.phpenv/versions/*/bin", "{mise}/php/*/bin", "{asdf}/php/*/bin"),
        install="the packages php{version}-cli and composer, or: mise install php@{version}",
        any_version="8.3",
    ),
    "ruby": Language(
        programs=("ruby", "ruby[0-9].[0-9]"),
        version_arguments=("--version",),
        version_pattern=r"^ruby (\d+\.\d+\.\d+)",
        folders=(
            "{home}/.rbenv/versions/*/bin",
            "{home}/.rvm/rubies/*/bin",
            "{mise}/ruby/*/bin",
            "{asdf}/ruby/*/bin",
        ),
        install="rbenv install {version}, or: mise install ruby@{version}",
        any_version="3.3",
    ),
    "go": Language(
        programs=("go",),
        version_arguments=("version",),
        version_pattern=r"^go version go(\d\S*)",
        folders=(
            "/usr/local/go/bin",
            "/usr/lib/go-*/bin",
            "{home}/sdk/go*/bin",
            "{home}/.goenv/versions/*/bin",
            "{mise}/go/*/bin",
            "{asdf}/golang/*/go/bin",
        ),
        install="mise install go@{version}, or the archive of https://go.dev/dl unpacked to /usr/local/go",
        any_version="1.23",
    ),
    "rust": Language(
        programs=("rustc",),
        version_arguments=("--version",),
        version_pattern=r"^rustc (\d\S*)",
        folders=("{rustup}/toolchains/*/bin", "{mise}/rust/*/bin", "{asdf}/rust/*/bin"),
        install="rustup toolchain install {version}",
        any_version="stable",
    ),
}


def folders_of(patterns: tuple[str, ...], environment: Mapping[str, str], *, system: bool) -> Iterator[Path]:
    """The existing folders the patterns mean, in their order; absolute patterns only when ``system`` is set."""
    roots = _roots(environment)
    if system:
        roots[""] = Path("/")
    for pattern in patterns:
        head, _, rest = pattern.partition("/")
        root = roots.get(head.strip("{}"))
        if root is None:
            continue
        # A glob cannot be empty; a root by itself is its own only folder.
        found = sorted(root.glob(rest)) if rest else [root]
        yield from (folder for folder in found if folder.is_dir())


def _roots(environment: Mapping[str, str]) -> dict[str, Path | None]:
    """Where the version managers keep their installations, by their own variables or their defaults."""
    home = Path(environment.get("HOME") or "/nonexistent")
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local/share")

    def given(variable: str, *defaults: Path) -> Path | None:
        value = environment.get(variable)
        if value:
            return Path(value)
        return next((folder for folder in defaults if folder.is_dir()), None)

    mise = given("MISE_DATA_DIR", data / "mise")
    asdf = given("ASDF_DATA_DIR", home / ".asdf")
    sdkman = given("SDKMAN_DIR", home / ".sdkman")
    return {
        "home": home,
        "pyenv": given("PYENV_ROOT", home / ".pyenv"),
        "uv": given("UV_PYTHON_INSTALL_DIR", data / "uv/python"),
        "nvm": given("NVM_DIR", home / ".nvm"),
        "fnm": given("FNM_DIR", data / "fnm", home / ".fnm"),
        "rustup": given("RUSTUP_HOME", home / ".rustup"),
        "java_home": given("JAVA_HOME"),
        "dotnet_root": given("DOTNET_ROOT"),
        "mise": mise / "installs" if mise else None,
        "asdf": asdf / "installs" if asdf else None,
        "sdkman": sdkman / "candidates" if sdkman else None,
    }
