"""The one Settings object: folders, limits and time zone, from config.toml and PANDIUM_TUI_* variables."""

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args, get_origin
from zoneinfo import ZoneInfo, available_timezones

import platformdirs


class SettingsError(Exception):
    """A value of the configuration that cannot be used; the message names the place and what is accepted."""


_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")

LARGEST_NUMBER = 2**53
"""Of a setting; JSON and SQLite keep larger ones less exactly or not at all."""


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """A key that a person gave to an action of the app, and the line of the file where that stands."""

    action: str
    keys: str
    place: str


@dataclass(frozen=True)
class Settings:
    """Everything that can be configured. Times are seconds, sizes are bytes.

    Each field can be set by its name in ``config.toml`` and, stronger, by ``PANDIUM_TUI_<NAME>``.

    Attributes:
        home: the folder of the store, clones, releases and runs; ``--home`` or ``PANDIUM_TUI_HOME``.
        time_zone: the IANA name of the zone that moments are shown in, and schedules are read in unless a tenant says
            another.
        run_time_limit: seconds a run may take, unless its integration says otherwise.
        build_time_limit: seconds a build may take.
        kill_grace: seconds between SIGTERM and SIGKILL.
        log_limit: bytes a log may have; the middle of a longer one is cut out.
        state_limit: bytes the state of a run may have.
        runs_at_once: how many runs go on at once; two for each processor unless said otherwise.
        builds_at_once: how many builds go on at once.
        polls_at_once: from how many repositories one engine fetches at once to follow their tracking branches.
        key_file: the file of the vault's key; without it ``~/.config/pandium-tui/key`` for the usual home, and
            ``HOME.key`` beside any other.
        reveal_secrets: whether a secret can be shown after it was saved; without it secrets are write-only.
        test_private_addresses: whether connection tests may reach addresses of a private network.
        executor: what builds and runs: this machine's toolchains, or containers.
        isolation: whether what runs on this machine is kept from its files and processes: as well as is possible here,
            or not at all; ``required`` runs nothing where it is not possible.
        isolation_readable: more files and folders that isolated builds and runs may read.
        isolation_writable: those that they may also write.
        isolation_pids: how many processes and threads one build or run may have under bubblewrap, on Linux 5.14 or
            newer, unless pandium-tui is run by root, whom the kernel does not limit.
        engine_arguments: of the ``docker`` or ``podman`` program itself, such as ``--runtime runc``.
        container_arguments: more arguments of each ``run``, such as ``--ulimit nofile=1024:1024``.
        container_memory: bytes a container may use, swap included.
        container_cpus: how many processors' time a container may use.
        container_pids: how many processes and threads a container may have.
        container_network: the network of containers that run; ``none`` for no network.
        keep_run_days: runs younger than this are kept.
        keep_runs: of each tenant this many runs are kept, however old.
        theme: colours of the app: ``dark``, ``light``, ``high-contrast`` or another that Ctrl+P, Theme offers; without
            it the one chosen last.
        characters: what the app is drawn with; ``auto`` is ASCII where the locale is not UTF-8.
        motion: how often the screen may change by itself; ``reduced``: pages every two seconds, a log each second.
        keys: a table of keys for actions of the app, such as ``"home.new" = "+"``; ``pandium-tui keys`` has the names.
        disk_floor: bytes that must be free before a run or build is started.
        smtp_host: the mail server that notifications by e-mail go through; empty for none.
        smtp_port: where it listens.
        smtp_security: how the connection to it is encrypted.
        smtp_username: with which it is signed in; the password is sealed in the vault.
        smtp_from: the sender of notifications.
    """

    home: Path
    time_zone: str = "UTC"
    run_time_limit: int = 600
    build_time_limit: int = 1800
    kill_grace: int = 10
    log_limit: int = 50 * 1024 * 1024
    state_limit: int = 64 * 1024
    runs_at_once: int = 2 * (os.cpu_count() or 1)
    builds_at_once: int = 1
    polls_at_once: int = 8
    key_file: Path | None = None
    reveal_secrets: bool = True
    test_private_addresses: bool = False
    executor: Literal["local", "docker", "podman"] = "local"
    isolation: Literal["auto", "required", "off"] = "auto"
    isolation_readable: tuple[str, ...] = ()
    isolation_writable: tuple[str, ...] = ()
    isolation_pids: int = 2048
    engine_arguments: tuple[str, ...] = ()
    container_arguments: tuple[str, ...] = ()
    container_memory: int = 512 * 1024 * 1024
    container_cpus: int = 1
    container_pids: int = 512
    container_network: str = "bridge"
    keep_run_days: int = 30
    keep_runs: int = 200
    disk_floor: int = 200 * 1024 * 1024
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str = ""
    smtp_from: str = ""
    theme: str = ""
    characters: Literal["auto", "unicode", "ascii"] = "auto"
    motion: Literal["full", "reduced"] = "full"
    keys: tuple[KeyChoice, ...] = ()

    @property
    def store_file(self) -> Path:
        """The SQLite file."""
        return self.home / "store.db"

    @property
    def vault_key_file(self) -> Path:
        """The file of the vault's key, never inside the home folder: copies of that must not carry the key along.

        The XDG configuration folder has the key of the XDG data folder; other home folders have it beside them.
        """
        if self.key_file is not None:
            return self.key_file
        usual = platformdirs.user_config_path("pandium-tui") / "key"
        if self.home == platformdirs.user_data_path("pandium-tui") and not usual.is_relative_to(self.home):
            return usual
        return self.home.with_name(f"{self.home.name}.key")

    @property
    def connectors_folder(self) -> Path:
        """Definitions of connectors that people add: in the home folder, for the usual one in the XDG config folder."""
        if self.home == platformdirs.user_data_path("pandium-tui"):
            return platformdirs.user_config_path("pandium-tui") / "connectors"
        return self.home / "connectors"

    @property
    def base_images_file(self) -> Path:
        """The images that containers are built on, where a person wants others than ours; beside the connectors."""
        return self.connectors_folder.with_name("base_images.toml")

    @property
    def backups_folder(self) -> Path:
        """Copies of the store made before each migration."""
        return self.home / "backups"

    @property
    def repositories_folder(self) -> Path:
        """Bare clones, one per repository URL."""
        return self.home / "repositories"

    def release_folder(self, release_id: int) -> Path:
        """The folder of one release: ``source`` (checkout), ``environment``, ``home``, build log and result."""
        return self.home / "releases" / str(release_id)

    def run_folder(self, run_id: int) -> Path:
        """The folder of one run: log, result, payloads, ``tmp``."""
        return self.home / "runs" / str(run_id)


def load_settings(home: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    The home folder is ``home``, else ``PANDIUM_TUI_HOME``, else the XDG data folder. The configuration file is
    ``config.toml`` in an explicitly given home folder, else in the XDG configuration folder; it may be missing.

    Raises:
        SettingsError: a file that is not TOML, an unknown key, or a value of the wrong kind.
    """
    environment = os.environ if environment is None else environment
    given = home or (Path(environment["PANDIUM_TUI_HOME"]) if environment.get("PANDIUM_TUI_HOME") else None)
    folder = (given or platformdirs.user_data_path("pandium-tui")).expanduser().absolute()
    file = (given or platformdirs.user_config_path("pandium-tui")).expanduser().absolute() / "config.toml"
    values: dict[str, object] = {"home": folder}
    for name, value in _file_values(file).items():
        values[name] = _checked(name, value, f"{file}: {name}")
    for field in fields(Settings):
        variable = f"PANDIUM_TUI_{field.name.upper()}"
        if field.name != "home" and environment.get(variable):
            values[field.name] = _checked(field.name, environment[variable], variable)
    settings = Settings(**values)  # type: ignore[arg-type]
    if settings.vault_key_file.is_relative_to(settings.home):
        raise SettingsError(
            f"key_file: {settings.key_file} lies in the home folder {settings.home}: name a file outside of it, "
            "so that a copy of the home folder does not carry the key along"
        )
    return settings


def _file_values(file: Path) -> dict[str, object]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read: {error}") from error
    import tomllib  # here: most have no file

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: not valid TOML: {error}") from error
    if "keys" in values:
        values["keys"] = tuple(_key_choices(values["keys"], "keys", text, file))
    return values


def _key_choices(value: object, name: str, text: str, file: Path) -> Iterator[KeyChoice]:
    """The keys of a table; ``home.new`` without quotes is a table of its own in TOML, and means the same here."""
    place = f"{file}, line {_line_of(name, text)}"
    if isinstance(value, dict):
        for part, inner in value.items():
            yield from _key_choices(inner, f"{name}.{part}", text, file)
    elif isinstance(value, str) and value and name != "keys":
        yield KeyChoice(name.removeprefix("keys."), value, place)
    else:
        raise SettingsError(f'{place}: {name}: must be a key as text, such as "home.new" = "+" under [keys]')


def _line_of(name: str, text: str) -> int:
    """The line on which a value of a TOML text is set, as far as that can be told by looking; tomllib does not say."""
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        bare = re.sub(r"[\s\"']", "", line.partition("=")[0])
        if bare.startswith("["):
            table = bare.strip("[]") + "."
        if name in (f"{table}{bare}", table.rstrip(".")) and ("=" in line or name == table.rstrip(".")):
            return number
    return 1


def _checked(name: str, value: object, place: str) -> object:
    known = {field.name: field.type for field in fields(Settings) if field.name != "home"}
    if name not in known:
        raise SettingsError(f"{place}: unknown setting; known are {', '.join(sorted(known))}")
    if name == "time_zone":
        return checked_time_zone(str(value), place)
    if name in ("isolation_readable", "isolation_writable"):
        return _checked_paths(value, place)
    if name == "key_file":
        file = Path(str(value)).expanduser()
        if not file.is_absolute():
            raise SettingsError(f"{place}: must be a full path or begin with ~, not {value!r}")
        return file
    if name in ("smtp_username", "smtp_from"):
        return _checked_line(value, place)
    if get_origin(known[name]) is Literal:
        if value not in get_args(known[name]):
            raise SettingsError(f"{place}: must be one of {', '.join(get_args(known[name]))}, not {value!r}")
        return value
    return _CHECKS.get(known[name], _checked_number)(value, place)


def _checked_word(value: object, place: str) -> str:
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise SettingsError(f"{place}: must be a name, not {value!r}")
    return value


def _checked_line(value: object, place: str) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise SettingsError(f"{place}: must be one line of text, not {value!r}")
    return value


def _checked_switch(value: object, place: str) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise SettingsError(f"{place}: must be true or false, not {value!r}")
    return str(value).lower() == "true"


def _checked_arguments(value: object, place: str) -> tuple[str, ...]:
    """Arguments of a program: a list of texts, or one text as a shell would split it."""
    try:
        arguments = shlex.split(value) if isinstance(value, str) else value
    except ValueError as error:
        raise SettingsError(f"{place}: {error}") from error
    if not isinstance(arguments, list) or not all(isinstance(one, str) and one.isprintable() for one in arguments):
        raise SettingsError(f'{place}: must be arguments, such as ["--runtime", "runc"], not {value!r}')
    return tuple(arguments)


def _checked_paths(value: object, place: str) -> tuple[str, ...]:
    paths = tuple(str(Path(one).expanduser()) for one in _checked_arguments(value, place))
    if not all(Path(one).is_absolute() for one in paths):
        raise SettingsError(f"{place}: must be full paths or begin with ~, not {value!r}")
    return paths


def _checked_number(value: object, place: str) -> int:
    try:
        number = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else 0
    except ValueError:
        number = 0
    if not 1 <= number <= LARGEST_NUMBER:
        raise SettingsError(f"{place}: must be a whole number from 1 to {LARGEST_NUMBER}, not {value!r}")
    return number


def _checked_keys(value: object, place: str) -> object:
    if not isinstance(value, tuple):
        raise SettingsError(f"{place}: keys are given in config.toml only, in a table [keys]")
    return value


_CHECKS: dict[object, Callable[[object, str], object]] = {
    str: _checked_word,
    bool: _checked_switch,
    tuple[str, ...]: _checked_arguments,
    tuple[KeyChoice, ...]: _checked_keys,
}


def checked_time_zone(name: str, place: str = "time zone") -> str:
    """The name if it is a known IANA time zone.

    Raises:
        SettingsError: the name is not a zone of the installed time zone database.
    """
    if name not in available_timezones():
        raise SettingsError(f"{place}: {name!r} is not a known time zone; use a name such as UTC or Europe/Berlin")
    ZoneInfo(name)
    return name
