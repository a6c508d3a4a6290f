"""Logging in by ssh for a test, with the ``ssh`` program, which checks the host key.

No configuration, agent, key or known host of the user takes part. A password or passphrase goes to ssh by a pipe; a
private key stands, for the time of the test, in a file of a private folder.
"""

import base64
import contextlib
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pandium_tui.connectors.hosts import EndedError, Host
from pandium_tui.connectors.speech import Speech

KEY_KINDS = "ed25519,ecdsa,rsa"
"""The kinds of host keys that a server is asked for."""

_ALIAS = "the-host"
"""What the host is called in the list of known hosts: the address may be any of its."""

_HOST_KEY = re.compile(r"^\S+ ((?:ssh|ecdsa)-\S+) ([A-Za-z0-9+/]+=*)$", re.MULTILINE)

_ASKED = """#!/bin/sh
IFS= read -r answer < {pipe}
printf '%s\\n' "$answer"
"""

_ALWAYS = (
    "StrictHostKeyChecking=yes",
    f"HostKeyAlias={_ALIAS}",
    "GlobalKnownHostsFile=/dev/null",
    "CheckHostIP=no",
    "UpdateHostKeys=no",
    "VerifyHostKeyDNS=no",
    "IdentityAgent=none",
    "IdentitiesOnly=yes",
    "AddKeysToAgent=no",
    "GSSAPIAuthentication=no",
    "HostbasedAuthentication=no",
    "NumberOfPasswordPrompts=1",
    "ConnectionAttempts=1",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "ControlPath=none",
    "LogLevel=VERBOSE",
)
_BY_KEY = (
    "PreferredAuthentications=publickey",
    "PasswordAuthentication=no",
    "KbdInteractiveAuthentication=no",
)
_BY_PASSWORD = ("PreferredAuthentications=password,keyboard-interactive", "PubkeyAuthentication=no")


def ssh_is_there() -> bool:
    """Whether this machine has the programs that are needed."""
    return all(shutil.which(program) for program in ("ssh", "ssh-keyscan"))


@dataclass(frozen=True, slots=True)
class SshLogin:
    """What was found when the login worked; ``host_key`` is the fingerprint of the one it was made with."""

    words: str
    host_key: str


def log_in_by_ssh(host: Host, values: Mapping[str, str], speech: Speech) -> SshLogin:
    """Log in. The host key must be the one among the values; without one the first is trusted, and told.

    Raises:
        EndedError: it did not work.
    """
    if re.search(r"^-|[\s\x00-\x1f\x7f]", values["username"]):
        raise EndedError("cannot be tested", "The user name must not begin with - or contain blanks")
    address, keys = _shown_keys(host)
    trusted = _trusted(host, keys, values.get("host_key", ""))
    host_key = trusted[0].fingerprint
    key_words = f"host key {host_key}"
    if not values.get("host_key"):
        key_words += ", which nobody has compared yet"
    with tempfile.TemporaryDirectory(prefix="pandium-tui-") as name:
        login = _Login(Path(name), host, address, values["username"], speech)
        login.trust(trusted)
        ways = [way for way in ("private_key", "password") if values.get(way)]
        for way in ways:
            if way == "private_key":
                accepted = login.by_key(values["private_key"], values.get("private_key_passphrase", ""))
            else:
                accepted = login.by_password(values["password"])
            if accepted:
                refused = "" if way == ways[0] else "; the private key was not accepted"
                words = f"logged in at {host.name} with the {way.replace('_', ' ')}{refused}; {key_words}"
                return SshLogin(words, host_key)
    tried = " and ".join(way.replace("_", " ") for way in ways)
    locked = ", or the passphrase does not open the key" if values.get("private_key_passphrase") else ""
    words = f"{host.name} does not accept the {tried} of {values['username']}{locked}; {key_words}"
    raise EndedError("rejected", words)


@dataclass(frozen=True, slots=True)
class _HostKey:
    kind: str
    blob: str

    @property
    def fingerprint(self) -> str:
        """As ``ssh-keygen -l`` writes it."""
        digest = hashlib.sha256(base64.b64decode(self.blob)).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def _shown_keys(host: Host) -> tuple[str, list[_HostKey]]:
    """The first address that answers as an ssh server, and the host keys it shows. Nothing is sent to it."""
    for address in host.addresses:
        command = ["ssh-keyscan", "-T", str(max(1, int(host.left))), "-p", str(host.port), "-t", KEY_KINDS]
        try:
            done = subprocess.run(
                [*command, str(address)], stdin=subprocess.DEVNULL, capture_output=True, timeout=host.left, check=False
            )
        except subprocess.TimeoutExpired:
            break
        found = _HOST_KEY.findall(done.stdout.decode(errors="replace"))
        if found:
            return str(address), sorted((_HostKey(*one) for one in found), key=lambda one: one.kind != "ssh-ed25519")
    raise EndedError("unreachable", f"{host.name} does not answer as an ssh server on port {host.port}; check both")


def _trusted(host: Host, keys: list[_HostKey], entered: str) -> list[_HostKey]:
    """Of the keys that the server shows those that were entered, as a fingerprint or as the key itself."""
    if not entered.strip():
        return keys[:1]
    words = {word.rstrip("=") for word in entered.split()}
    fits = [one for one in keys if one.fingerprint in words or one.blob.rstrip("=") in words]
    if not fits:
        shown = ", ".join(one.fingerprint for one in keys)
        raise EndedError(
            "rejected",
            f"{host.name} shows another host key than the one entered: {shown}. Somebody may pose as it, so nothing "
            "was sent; compare with what its owner says",
        )
    return fits


@dataclass(frozen=True, slots=True)
class _Login:
    """Attempts from a private folder."""

    folder: Path
    host: Host
    address: str
    username: str
    speech: Speech

    def trust(self, keys: list[_HostKey]) -> None:
        """Accept these host keys only."""
        lines = "".join(f"{_ALIAS} {one.kind} {one.blob}\n" for one in keys)
        (self.folder / "known_hosts").write_text(lines)

    def by_key(self, key: str, passphrase: str) -> bool:
        """Whether the key lets in."""
        file = self.folder / "key"
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(key.strip() + "\n")
        try:
            return self._attempt(passphrase, *_BY_KEY, f"IdentityFile={file}")
        finally:
            file.unlink()

    def by_password(self, password: str) -> bool:
        """Whether the password lets in."""
        return self._attempt(password, *_BY_PASSWORD)

    def _attempt(self, answer: str, *options: str) -> bool:
        pipe, asked, log = (self.folder / name for name in ("pipe", "asked", "log"))
        log.unlink(missing_ok=True)
        if not pipe.exists():
            os.mkfifo(pipe, 0o600)
            asked.write_text(_ASKED.format(pipe=shlex.quote(str(pipe))))
            asked.chmod(0o700)
        # Open for both, so that writing waits for no reader; what is not read is gone when it is closed.
        descriptor = os.open(pipe, os.O_RDWR)
        try:
            os.write(descriptor, answer.encode() + b"\n")
            self._run(asked, log, *options)
        finally:
            os.close(descriptor)
        return self._was_let_in(log.read_text(errors="replace") if log.exists() else "")

    def _run(self, asked: Path, log: Path, *options: str) -> None:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "LANG": "C",
            "SSH_ASKPASS": str(asked),
            "SSH_ASKPASS_REQUIRE": "force",
            # ssh before 8.4 asks for a program only where there seems to be a screen.
            "DISPLAY": "none",
        }
        known = f"UserKnownHostsFile={self.folder / 'known_hosts'}"
        settings = [*_ALWAYS, *options, known, f"ConnectTimeout={max(1, int(self.host.left))}"]
        command = ["ssh", "-F", "none", "-E", str(log), "-T", "-a", "-x"]
        command += ["-p", str(self.host.port), "-l", self.username]
        command += [part for setting in settings for part in ("-o", setting)]
        # The subsystem: accounts for SFTP are often let in to nothing else. It ends with its input.
        command += ["-s", "--", self.address, "sftp"]
        # After a timeout what its log says counts: it may have been let in before.
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
                timeout=self.host.left,
                check=False,
            )

    def _was_let_in(self, log: str) -> bool:
        if re.search(r"^Authenticated to ", log, re.MULTILINE):
            return True
        if "Permission denied" in log or "Too many authentication failures" in log:
            return False
        last = next((line for line in reversed(log.splitlines()) if line.strip()), "")
        quoted = self.speech.quotable(last.strip()) if last else None
        said = f'; ssh says "{quoted}"' if quoted else ""
        raise EndedError("unreachable", f"{self.host.name} broke off or did not answer in time{said}")
