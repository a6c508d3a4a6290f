"""The engine as a service of systemd: its unit file, and the commands a person runs for it. It runs none of them."""

import hashlib
import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from pandium_tui.builds.passed_variables import passed_to_builds
from pandium_tui.hub.activity import note_activity
from pandium_tui.hub.actor import Actor
from pandium_tui.hub.errors import RefusedError
from pandium_tui.hub.service_unit import first_lines, unit_text
from pandium_tui.settings import Settings
from pandium_tui.storage.database import Store

SYSTEM_FOLDER = Path("/etc/systemd/system")
_ANSWER_LIMIT = 10  # seconds


@dataclass(frozen=True, slots=True)
class Service:
    """A unit and what is left to do.

    Attributes:
        name: of the unit.
        file: where it is or belongs.
        unit: its text.
        written: whether this wrote, or removed, the file.
        commands: what a person runs, in this order.
        notes: what the service will not have, or what to know.
    """

    name: str
    file: str
    unit: str
    written: bool
    commands: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """How the service stands: ``active`` and ``enabled`` are systemd's words, or why it gives none."""

    name: str
    file: str
    installed: bool
    active: str
    enabled: str


def plan_service(settings: Settings, *, system: bool, given_home: bool) -> Service:
    """The unit as it would be installed; writes nothing.

    Args:
        settings: of the installation; its home folder must be there.
        system: for the system's manager instead of the user's.
        given_home: whether the home folder was named, by an option or a variable.
    """
    file = _file(settings, system=system)
    unit = unit_text(settings, system=system, given_home=given_home, environment=os.environ)
    return Service(file.name, str(file), unit, False, _to_enable(file.name, system), _notes(settings))


def install_service(store: Store, actor: Actor, *, system: bool, given_home: bool) -> Service:
    """Write the unit; where that is not allowed, the commands begin with how to.

    Raises:
        RefusedError: a unit of this name is there that is somebody else's.
    """
    planned = plan_service(store.settings, system=system, given_home=given_home)
    file = Path(planned.file)
    _refuse_foreign(store.settings, file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(planned.unit, encoding="utf-8")
    except PermissionError:
        home = f" --home {shlex.quote(str(store.settings.home))}" if given_home else ""
        write = f"pandium-tui{home} service install{' --system' if system else ''} --print | sudo tee {file}"
        return Service(planned.name, planned.file, planned.unit, False, (write, *planned.commands), planned.notes)
    with store.writing() as session:
        note_activity(session, actor, "install service", detail=str(file))
    return Service(planned.name, planned.file, planned.unit, True, planned.commands, planned.notes)


def uninstall_service(store: Store, actor: Actor, *, system: bool) -> Service:
    """Remove the unit and what enabled it. A service that runs goes on until it is stopped by the commands.

    Raises:
        RefusedError: there is none, or it is somebody else's.
    """
    file = _file(store.settings, system=system)
    if not file.exists():
        raise RefusedError(f"There is no unit {file}.")
    _refuse_foreign(store.settings, file)
    unit = file.read_text(encoding="utf-8")
    manager = _manager(system)
    target = "multi-user.target.wants" if system else "default.target.wants"
    try:
        (file.parent / target / file.name).unlink(missing_ok=True)
        file.unlink()
    except PermissionError:
        by_hand = (f"{manager} disable --now {file.name}", f"sudo rm {file}", f"{manager} daemon-reload")
        return Service(file.name, str(file), unit, False, by_hand, ())
    with store.writing() as session:
        note_activity(session, actor, "uninstall service", detail=str(file))
    commands = (f"{manager} stop {file.name}", f"{manager} daemon-reload")
    return Service(file.name, str(file), unit, True, commands, ())


def service_status(settings: Settings, *, system: bool) -> ServiceStatus:
    """Whether the unit is there, and what systemd says about it."""
    file = _file(settings, system=system)
    return ServiceStatus(
        file.name,
        str(file),
        file.exists(),
        _asked("is-active", file.name, system=system),
        _asked("is-enabled", file.name, system=system),
    )


def _asked(question: str, name: str, *, system: bool) -> str:
    command = ["systemctl", *([] if system else ["--user"]), question, name]
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_ANSWER_LIMIT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"unknown: systemctl does not answer ({error})"
    words = answer.stdout.strip() or answer.stderr.strip().splitlines()[-1:]
    return words if isinstance(words, str) else f"unknown: {''.join(words) or 'systemctl said nothing'}"


def _file(settings: Settings, *, system: bool) -> Path:
    folder = SYSTEM_FOLDER if system else platformdirs.user_config_path("systemd") / "user"
    if settings.home == platformdirs.user_data_path("pandium-tui"):
        return folder / "pandium-tui.service"
    # Two homes may have the same last name.
    short = hashlib.sha256(os.fsencode(settings.home)).hexdigest()[:6]
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", settings.home.name).strip("-")[:40]
    return folder / f"pandium-tui-{readable}-{short}.service"


def _refuse_foreign(settings: Settings, file: Path) -> None:
    if not file.exists():
        return
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    if tuple(lines[:2]) != first_lines(settings):
        raise RefusedError(
            f"{file} is there and was not made by this installation, so it was not touched. Look at it, and move it "
            "away if it is not needed."
        )


def _manager(system: bool) -> str:
    return "sudo systemctl" if system else "systemctl --user"


def _to_enable(name: str, system: bool) -> tuple[str, ...]:
    manager = _manager(system)
    commands = (f"{manager} daemon-reload", f"{manager} enable --now {name}")
    # Without lingering, the user's manager ends with the last session.
    return commands if system else (*commands, "loginctl enable-linger")


def _notes(settings: Settings) -> tuple[str, ...]:
    notes = []
    ours = [name for name in os.environ if name.startswith("PANDIUM_TUI_") and name != "PANDIUM_TUI_HOME"]
    if "PANDIUM_TUI_KEY" in ours:
        notes.append(
            f"The vault's key is in the variable PANDIUM_TUI_KEY, which the service does not get: put it into "
            f"{settings.vault_key_file} (mode 600) and install again."
        )
    if others := sorted(set(ours) - {"PANDIUM_TUI_KEY"}):
        notes.append(f"Set here and not in the service: {', '.join(others)}. Put them into config.toml.")
    if passed := sorted(passed_to_builds(os.environ)):
        notes.append(
            f"Set here and not in the service: {', '.join(passed)}. Where builds and runs need them: systemctl edit."
        )
    return tuple(notes)
