"""The text of a systemd unit for the engine: what it starts, as whom, and what it is kept from."""

import os
import pwd
import re
import shutil
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from pandium_tui.settings import Settings
from pandium_tui.storage.vault.key_sources import CREDENTIAL

MARK = "# Made by: pandium-tui service install. Changes are lost with the next one: use systemctl edit."

# Each of these is kept out on purpose. What mounts over parts of /proc (ProtectKernelTunables, ProtectKernelLogs,
# ProtectProc) takes bubblewrap its own /proc away; ProtectControlGroups and RestrictNamespaces take containers theirs;
# PrivateTmp hides repositories under /tmp; a filter of system calls breaks builds that nobody thought of.
_HARDENING = ("ProtectSystem=full", "ProtectKernelModules=yes", "RestrictRealtime=yes", "LockPersonality=yes")


def unit_text(settings: Settings, *, system: bool, given_home: bool, environment: Mapping[str, str]) -> str:
    """The unit of ``serve`` over a home folder.

    Args:
        settings: of the installation.
        system: for the system's manager, as the owner of the home folder; else for that of the user.
        given_home: whether the home folder was named: then its settings are in it.
        environment: the variables of whoever installs it.
    """
    home = ("--home", str(settings.home)) if given_home else ()
    return "\n".join(
        (
            *first_lines(settings),
            "[Unit]",
            f"Description=pandium-tui: integrations of {_specifiers(str(settings.home))}",
            *(("Wants=network-online.target", "After=network-online.target") if system else ()),
            "# Whatever keeps it from starting, it is tried again for ever.",
            "StartLimitIntervalSec=0",
            "",
            "[Service]",
            "Type=exec",
            f"ExecStart={' '.join(_argument(one) for one in (*_program(), *home, 'serve'))}",
            "Restart=on-failure",
            "RestartSec=10",
            "# Runs have supervisors of their own and go on when the engine is stopped or restarted.",
            "KillMode=process",
            "TimeoutStopSec=30",
            "UMask=0077",
            *_environment(settings, environment, given_home=given_home),
            *_key(settings),
            *_account(settings, system=system),
            *(() if _needs_new_privileges(settings) else ("NoNewPrivileges=yes",)),
            *((*_HARDENING, f"ReadWritePaths={_quoted(str(settings.home))}") if system else ()),
            "",
            "[Install]",
            f"WantedBy={'multi-user.target' if system else 'default.target'}",
            "",
        )
    )


def first_lines(settings: Settings) -> tuple[str, str]:
    """By which a unit is known as ours, and as that of this home folder."""
    return MARK, f"# Home: {_specifiers(str(settings.home))}"


def _program() -> tuple[str, ...]:
    """How this very program is started; a service has another PATH."""
    script = Path(sys.executable).with_name("pandium-tui")
    return (str(script),) if script.is_file() else (sys.executable, "-m", "pandium_tui")


def _environment(settings: Settings, environment: Mapping[str, str], *, given_home: bool) -> list[str]:
    """Where toolchains are looked for, and where the settings are. No other variable: one may hold a password."""
    folders = [one for one in environment.get("PATH", "").split(":") if one.startswith("/")]
    names = () if given_home else ("XDG_CONFIG_HOME", "XDG_DATA_HOME")
    found = {name: environment[name] for name in names if environment.get(name)}
    if folders:
        found = {"PATH": ":".join(dict.fromkeys(folders)), **found}
    return [f"Environment={_quoted(f'{name}={value}')}" for name, value in found.items()]


def _key(settings: Settings) -> list[str]:
    """The vault's key as a credential, where there is one: a unit that names a missing file does not start."""
    if not settings.vault_key_file.exists():
        return []
    return [f"LoadCredential={_quoted(f'{CREDENTIAL}:{settings.vault_key_file}')}"]


def _account(settings: Settings, *, system: bool) -> list[str]:
    owner = settings.home.stat().st_uid
    if not system or owner == 0:
        return []
    return [f"User={pwd.getpwuid(owner).pw_name}"]


def _needs_new_privileges(settings: Settings) -> bool:
    """Whether what it starts must become more than its user: rootless Podman's helpers, a setuid bubblewrap."""
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is not None and Path(bubblewrap).stat().st_mode & stat.S_ISUID:
        return True
    return settings.executor == "podman" and os.geteuid() != 0


def _specifiers(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", "?", text).replace("%", "%%")


def _quoted(text: str) -> str:
    """One word of a unit file, systemd.syntax(7)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{_specifiers(escaped)}"'


def _argument(text: str) -> str:
    """One word of a command line, where systemd would also put in variables, systemd.service(5)."""
    return _quoted(text).replace("$", "$$")
